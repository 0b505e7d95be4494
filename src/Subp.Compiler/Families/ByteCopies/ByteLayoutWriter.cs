using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Emission.Runtime;
using Subp.Compiler.Families.Bytes;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.ByteCopies;

/// <summary>
/// Writes the steps between dense values and bytes with the channels last. Of images of up to four channels, the inputs of most networks,
/// a vector of pixels is put together at once; elsewhere bytes go one by one.
/// </summary>
/// <param name="plan">The step.</param>
/// <param name="set">The instruction set.</param>
internal sealed class ByteLayoutWriter(ByteLayoutPlan plan, InstructionSet set)
{
    private readonly Placement _placement = new(plan.Quantization?.ZeroPoint ?? 0, 0, byte.MaxValue);

    private string Dense => plan.Quantization is null ? "byte" : "float";

    private int Plane => plan.Shape.IsImage ? plan.Shape.Height * plan.Shape.Width : 1;

    /// <summary>Writes the layer method.</summary>
    public void Write(CSharpWriter writer)
    {
        using (FamilyText.Method(writer, plan, set, $"{plan.Shape}", ["input", "output"]))
        using (writer.Block("for (int tile = range.TileFrom; tile < range.TileTo; tile++)"))
        {
            KernelText.SplitTile(writer, plan.Shape.Batch, plan.Rows, 1, hasRows: plan.Shape.IsImage);
            var image = KernelText.ImageTerm(plan.Shape.Batch, plan.Shape.ElementCount / plan.Shape.Batch);
            var row = plan.Shape.IsImage ? Invariant($" + row * {plan.Shape.Width}") : "";
            var (dense, last) = plan.ToLast ? ("input", "output") : ("output", "input");
            writer.Line($"{Dense}* dense = ({Dense}*){dense}{image}{row};");
            writer.Line($"byte* last = (byte*){last} + tile * {plan.Columns * plan.Pitch};");
            if (!plan.Shape.IsImage)
                WriteFeatures(writer);
            else if (plan.ToLast && plan.Pitch == 4 && plan.Columns >= 4)
                WritePixels(writer);
            else
                WriteImage(writer);
        }

        writer.Line();
    }

    private void WriteFeatures(CSharpWriter writer)
    {
        writer.Line($"for (int i = 0; i < {plan.Shape.Channels}; i++)");
        using (writer.Indented())
            writer.Line(plan.ToLast ? $"last[i] = {ToByte("dense[i]")};" : $"dense[i] = {FromByte("last[i]")};");
    }

    private void WriteImage(CSharpWriter writer)
    {
        using (writer.Block($"for (int channel = 0; channel < {plan.Shape.Channels}; channel++)"))
        {
            var (there, here) = (Invariant($"dense[channel * {Plane} + column]"), Invariant($"last[column * {plan.Pitch} + channel]"));
            writer.Line($"for (int column = 0; column < {plan.Columns}; column++)");
            using (writer.Indented())
                writer.Line(plan.ToLast ? $"{here} = {ToByte(there)};" : $"{there} = {FromByte(here)};");
        }
    }

    private void WritePixels(CSharpWriter writer)
    {
        var vectors = ByteVectors.Of(set, plan.Columns);
        if (plan.Quantization is not null)
        {
            _placement.WriteLocals(writer, vectors);
            writer.Line($"{vectors.Floats} scale = {vectors.Constant(plan.Quantization.Scale)};");
        }

        using (writer.Block($"for (int column = 0; column < {plan.Columns}; column += {vectors.Lanes})"))
        {
            writer.Line($"int place = System::Math.Min(column, {plan.Columns - vectors.Lanes});");
            for (var channel = 0; channel < plan.Shape.Channels; channel++)
            {
                var source = Invariant($"dense + {channel * Plane} + place");
                var (local, steps) = (Invariant($"c{channel}"), vectors.Divide(vectors.LoadFloats(source), "scale"));
                if (plan.Quantization is null)
                    writer.Line($"{vectors.Integers} {local} = {vectors.LoadBytes(source)};");
                else
                    _placement.WriteBytes(writer, vectors, steps, local, declares: true);
            }

            var pixels = "c0";
            for (var channel = 1; channel < plan.Shape.Channels; channel++)
                pixels = Invariant($"{vectors.Simd}.BitwiseOr({pixels}, {vectors.Simd}.ShiftLeft(c{channel}, {8 * channel}))");
            writer.Line($"*({vectors.Integers}*)(last + place * 4) = {pixels};");
        }
    }

    // A NaN fails both comparisons and becomes the least byte.
    private string ToByte(string value) =>
        plan.Quantization is { } quantization
            ? $"QuantizedByte({value} / {CSharpText.Literal(quantization.Scale)}, {CSharpText.Number(quantization.ZeroPoint)})"
            : value;

    private string FromByte(string value) =>
        plan.Quantization is { } quantization
            ? $"(float)({value} - {CSharpText.Number(quantization.ZeroPoint)}) * {CSharpText.Literal(quantization.Scale)}"
            : value;
}
