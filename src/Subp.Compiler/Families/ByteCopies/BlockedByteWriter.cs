using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Families.Bytes;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.ByteCopies;

/// <summary>Writes the steps between blocks of floats and bytes with the channels last, a vector of channels of a pixel at a time.</summary>
internal static class BlockedByteWriter
{
    /// <summary>Writes the layer method for one instruction set.</summary>
    public static void Write(CSharpWriter writer, BlockedBytePlan plan, InstructionSet set)
    {
        var vectors = ByteVectors.Of(set);
        var shape = plan.Node.Shape;
        var placement = new Placement(plan.Quantization.ZeroPoint, 0, byte.MaxValue);
        using (FamilyText.Method(writer, plan, set, $"{shape}", ["input", "output"]))
        {
            if (plan.ToBytes)
                placement.WriteLocals(writer, vectors);
            else
                writer.Line($"{vectors.Integers} zero = {vectors.Constant(plan.Quantization.ZeroPoint)};");
            writer.Line($"{vectors.Floats} scale = {vectors.Constant(plan.Quantization.Scale)};");
            BlockLoops.Write(
                writer,
                plan.Blocks,
                () =>
                {
                    var (floats, bytes) = plan.ToBytes ? ("input", "output") : ("output", "input");
                    writer.Line($"float* blocks = {BlockLoops.Row(floats, plan.Blocks)};");
                    writer.Line($"byte* last = (byte*){bytes} + tile * {plan.RowBytes} + group * 16;");
                    using (writer.Block($"for (int column = 0; column < {shape.Width}; column++)"))
                        WritePixel(writer, plan, vectors, placement);
                }
            );
            KernelText.ClearHalo(writer, plan.HaloToClear, ("range.GroupFrom", "range.GroupTo"), 1);
        }

        writer.Line();
    }

    private static void WritePixel(CSharpWriter writer, BlockedBytePlan plan, ByteVectors vectors, Placement placement)
    {
        for (var lane = 0; lane < 16; lane += vectors.Lanes)
        {
            var blocks = KernelText.Offset("blocks + column * 16", lane);
            var last = KernelText.Offset(Invariant($"last + column * {plan.Pitch}"), lane);
            if (plan.ToBytes)
            {
                placement.WriteStore(writer, vectors, vectors.Divide(vectors.LoadFloats(blocks), "scale"), last);
                continue;
            }

            var steps = Invariant($"steps{lane}");
            writer.Line($"{vectors.Integers} {steps} = {vectors.SubtractIntegers(vectors.LoadBytes(last), "zero")};");
            writer.Line($"*({vectors.Floats}*)({blocks}) = {vectors.Multiply(vectors.ToFloats(steps), "scale")};");
        }
    }
}
