using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Families.Bytes;
using Subp.Core.Operators;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.IntegerConvolutions;

/// <summary>
/// Writes what becomes of the sums of a tile: bytes, with a residual where there is one, or floats. After few products sums in short vectors
/// are joined to the longest that the set has, which takes half of the instructions. After many they stay as they are: from when an
/// instruction of 512 bits waits for the last product, Intel's processors compute those of 256 bits in one unit instead of two, and the
/// products, which fill both, take up to a third longer. Kernels for processors where that is not so join all.
/// </summary>
/// <param name="plan">The layer.</param>
/// <param name="set">The instruction set.</param>
/// <param name="sums">The vectors of sums, in locals <c>s{pixel}_{vector}</c>.</param>
/// <param name="tileVectors">The vectors of sixteen outputs of a tile.</param>
/// <param name="isJoined">Whether sums in short vectors are joined.</param>
internal sealed class IntegerResultWriter(IntegerConvolutionPlan plan, InstructionSet set, ByteVectors sums, int tileVectors, bool isJoined)
{
    // The packs turn four vectors of integers into one of bytes.
    private const int PackedTogether = 4;

    private readonly ByteVectors _vectors = isJoined ? ByteVectors.Of(set) : sums;

    private int Parts => IntegerConvolutionPlan.Lanes / _vectors.Lanes;

    private bool IsPackedTogether => set != InstructionSet.Portable;

    // Sums that are bounded before the residual is added need no bound behind it: both together are far less than an integer holds.
    private bool IsBounded =>
        plan.RoundedFirst is { } rounded
        && plan.Residual is { } residual
        && plan.Placement.IsBoundedByPacking(byte.MaxValue * ((double)rounded.Ratio + residual.Ratio));

    private string Bytes => IsPackedTogether ? $"{_vectors.Simd}<byte>" : "Simd::Vector128<byte>";

    /// <summary>Writes the results of a tile.</summary>
    /// <param name="writer">The file.</param>
    /// <param name="pixels">The pixels of the tile.</param>
    /// <param name="first">The first vector of sixteen outputs of the tile.</param>
    public void Write(CSharpWriter writer, int pixels, int first)
    {
        if (plan.FloatActivation is { } activation)
        {
            WriteFactors(writer);
            WriteFloats(writer, pixels, activation);
            return;
        }

        writer.Line("// Sums become steps of the result, and these bytes.");
        WriteConstants(writer, pixels);
        WriteFactors(writer);
        if (IsPackedTogether)
        {
            WritePackedTogether(writer, pixels, first);
            return;
        }

        for (var pixel = 0; pixel < pixels; pixel++)
        {
            for (var vector = 0; vector < tileVectors; vector++)
            {
                string[] parts = [.. Enumerable.Range(0, Parts).Select(part => Invariant($"bytes{part}"))];
                for (var part = 0; part < Parts; part++)
                    WriteIntegers(writer, pixel, (vector * Parts) + part, parts[part]);
                writer.Line($"bytes = PackBytes({string.Join(", ", parts)});");
                Store(writer, pixel, vector, "bytes", plan.StoredBytes(first + vector));
            }
        }
    }

    private void WriteConstants(CSharpWriter writer, int pixels)
    {
        if (IsPackedTogether)
            plan.Placement.WriteMost(writer, _vectors, IsBounded);
        else
            plan.Placement.WriteLocals(writer, _vectors);
        var locals = IsPackedTogether ? Math.Min(PackedTogether, pixels * tileVectors * Parts) : Parts;
        writer.Line($"{Bytes} bytes;");
        for (var local = 0; local < locals; local++)
            writer.Line($"{_vectors.Integers} bytes{local};");
        if (plan.Residual is { } residual)
        {
            if (residual.ZeroPoint != 0)
                writer.Line($"{_vectors.Integers} residualZero = {_vectors.Constant(residual.ZeroPoint)};");
            writer.Line($"{_vectors.Floats} residualRatio = {_vectors.Constant(residual.Ratio)};");
        }

        if (plan.RoundedFirst is { } rounded)
        {
            rounded.Placement.WriteBounds(writer, _vectors, "roundedLeast", "roundedMost");
            writer.Line($"{_vectors.Floats} roundedRatio = {_vectors.Constant(rounded.Ratio)};");
        }
    }

    private void WriteFactors(CSharpWriter writer)
    {
        for (var index = 0; index < tileVectors * Parts; index++)
        {
            var address = KernelText.Offset("(float*)sums", plan.Places.Outputs + (index * _vectors.Lanes));
            writer.Line($"{_vectors.Floats} f{index} = {_vectors.LoadFloats(address)};");
        }
    }

    // As many results as four vectors hold at a time, in the order of the pixels; of the last ones some are packed twice and stored once.
    private void WritePackedTogether(CSharpWriter writer, int pixels, int first)
    {
        var results = PackedTogether / Parts;
        var count = pixels * tileVectors;
        for (var result = 0; result < count; result += results)
        {
            var together = Math.Min(results, count - result);
            for (var index = 0; index < together * Parts; index++)
            {
                var unit = (result * Parts) + index;
                WriteIntegers(writer, unit / (tileVectors * Parts), unit % (tileVectors * Parts), Invariant($"bytes{index}"));
            }

            var locals = Enumerable.Range(0, PackedTogether).Select(index => Invariant($"bytes{index % (together * Parts)}"));
            writer.Line($"bytes = PackBytes({string.Join(", ", locals)});");
            if (plan.Placement.Low > 0)
                writer.Line($"bytes = {_vectors.MaxBytes("bytes", "least")};");
            for (var index = 0; index < together; index++)
            {
                var (pixel, vector) = ((result + index) / tileVectors, (result + index) % tileVectors);
                Store(writer, pixel, vector, _vectors.Sixteen("bytes", index), plan.StoredBytes(first + vector));
            }
        }
    }

    private string Sum(int pixel, int index) =>
        sums.Lanes == _vectors.Lanes
            ? Invariant($"s{pixel}_{index}")
            : Invariant($"JoinHalves(s{pixel}_{2 * index}, s{pixel}_{(2 * index) + 1})");

    private string Steps(int pixel, int index) => _vectors.Multiply(_vectors.ToFloats(Sum(pixel, index)), Invariant($"f{index}"));

    private void WriteIntegers(CSharpWriter writer, int pixel, int index, string local)
    {
        var steps = Steps(pixel, index);
        if (plan.Residual is { } residual)
        {
            writer.Line($"{Placement.Steps} = {steps};");
            if (plan.RoundedFirst is not null)
                Placement.WriteWhole(writer, _vectors, "roundedLeast", "roundedMost", "roundedRatio");

            var added = _vectors.LoadBytes(KernelText.Offset("residual", (pixel * plan.Pitch.Output) + (index * _vectors.Lanes)));
            writer.Line($"{local} = {(residual.ZeroPoint == 0 ? added : _vectors.SubtractIntegers(added, "residualZero"))};");
            steps = _vectors.Add(Placement.Steps, _vectors.Multiply(_vectors.ToFloats(local), "residualRatio"));
        }

        if (IsPackedTogether)
            plan.Placement.WriteUnbounded(writer, _vectors, steps, local, IsBounded);
        else
            plan.Placement.WriteBytes(writer, _vectors, steps, local);
    }

    // All bytes of sixteen outputs, or the first few of them.
    private void Store(CSharpWriter writer, int pixel, int vector, string bytes, int count)
    {
        var pointer = KernelText.Offset("target", (pixel * plan.Pitch.Output) + (vector * IntegerConvolutionPlan.Lanes));
        if (count == IntegerConvolutionPlan.Lanes)
        {
            writer.Line($"*(Simd::Vector128<byte>*)({pointer}) = {bytes};");
            return;
        }

        if (count >= 8)
            writer.Line($"*(ulong*)({pointer}) = Simd::Vector128.ToScalar(Simd::Vector128.AsUInt64({bytes}));");
        if (count % 8 != 0)
            writer.Line(
                Invariant($"*(uint*)({pointer} + {count - 4}) = ")
                    + Invariant($"Simd::Vector128.GetElement(Simd::Vector128.AsUInt32({bytes}), {(count / 4) - 1});")
            );
    }

    private void WriteFloats(CSharpWriter writer, int pixels, Activation activation)
    {
        for (var pixel = 0; pixel < pixels; pixel++)
        {
            for (var index = 0; index < tileVectors * Parts; index++)
            {
                var value = Steps(pixel, index);
                if (activation.Minimum > float.NegativeInfinity)
                    value = _vectors.AtLeast(value, _vectors.Constant(activation.Minimum));
                if (activation.Maximum < float.PositiveInfinity)
                    value = _vectors.AtMost(value, _vectors.Constant(activation.Maximum));
                var place = (pixel * plan.Vectors * IntegerConvolutionPlan.Lanes) + (index * _vectors.Lanes);
                writer.Line($"*({_vectors.Floats}*)({KernelText.Offset("(float*)target", place)}) = {value};");
            }
        }
    }
}
