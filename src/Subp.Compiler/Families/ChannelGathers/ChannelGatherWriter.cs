using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Planning;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.ChannelGathers;

/// <summary>
/// Writes the collection of channels into blocks of 16. Which lane of which block goes where is known here, so a table lists the copies
/// between two blocks, each with its permutation of lanes; a copy permutes the vectors of a row and merges them into those of the target.
/// </summary>
internal static class ChannelGatherWriter
{
    /// <summary>Numbers of one copy in the table: operand, distance of the source block, sixteen lanes.</summary>
    private const int CopyLength = 18;

    /// <summary>By its full name, since the class of kernels for AVX2 has the same short one.</summary>
    private const string Permute = "X86::Avx2.PermuteVar8x32";

    /// <summary>The lanes that one source block contributes to one target block.</summary>
    private sealed record Copy(int Input, int Block)
    {
        /// <summary>For each lane of the target the lane of the source, or -1.</summary>
        public int[] Lanes { get; } = [.. Enumerable.Repeat(-1, 16)];
    }

    /// <summary>Writes the tables.</summary>
    public static void WriteTables(CSharpWriter writer, ChannelGatherPlan plan)
    {
        var starts = new List<int> { 0 };
        writer.Line(
            "/// <summary>The copies between blocks of 16 channels, a line each: operand, distance of the source block in floats, and "
                + "for each lane of the target the"
        );
        writer.Line("/// lane of the source, or -1 where it is not from there.</summary>");
        using (writer.Block($"private static System::ReadOnlySpan<int> {plan.MethodStem}_Copies =>", "];", opening: "["))
        {
            for (var block = 0; block < plan.Output!.ChannelBlocks; block++)
            {
                var copies = Copies(plan, block);
                foreach (var copy in copies)
                {
                    var input = plan.Inputs[copy.Input]!;
                    writer.Line(
                        $"{copy.Input}, {copy.Block * BlockStride(input)}, {string.Join(", ", copy.Lanes.Select(lane => Number(lane)))},"
                    );
                }

                starts.Add(starts[starts.Count - 1] + copies.Count);
            }
        }

        writer.Line();
        writer.Line("/// <summary>The first copy of each block of the target, and the number of copies at the end.</summary>");
        writer.Line(
            $"private static System::ReadOnlySpan<int> {plan.MethodStem}_Starts => [{string.Join(", ", starts.Select(start => Number(start)))}];"
        );
        writer.Line();
    }

    /// <summary>Writes the layer method for one instruction set.</summary>
    public static void Write(CSharpWriter writer, ChannelGatherPlan plan, InstructionSet set)
    {
        var output = plan.Output!;
        var inputs = string.Concat(plan.Inputs.Select((_, index) => Invariant($"float* input{index}, ")));
        using (
            KernelText.Method(
                writer,
                $"{plan.Node.Name}: {plan.KernelName(set)}, {KernelText.Extent(output.Shape)}.",
                $"internal static void {plan.MethodStem}({inputs}float* output, {KernelText.RangeParameters})"
            )
        )
        {
            BlockLoops.Write(
                writer,
                output,
                () =>
                {
                    writer.Line($"float* target = {BlockLoops.Row("output", output)};");
                    using (
                        writer.Block(
                            $"for (int copy = {plan.MethodStem}_Starts[group]; copy < {plan.MethodStem}_Starts[group + 1]; copy++)"
                        )
                    )
                    {
                        writer.Line(
                            $"int* lanes = (int*)Runtime::Unsafe.AsPointer(ref Interop::MemoryMarshal.GetReference({plan.MethodStem}_Copies)) + copy * "
                                + $"{CopyLength} + 2;"
                        );
                        WriteSource(writer, plan);
                        switch (set)
                        {
                            case InstructionSet.Avx512:
                                WriteAvx512(writer, output.Width);
                                break;
                            case InstructionSet.Avx2:
                                WriteAvx2(writer, output.Width);
                                break;
                            default:
                                WritePortable(writer, output.Width);
                                break;
                        }
                    }
                }
            );
            KernelText.ClearHalo(writer, plan.HaloToClear, ("range.GroupFrom", "range.GroupTo"), 1);
        }

        writer.Line();
    }

    private static List<Copy> Copies(ChannelGatherPlan plan, int block)
    {
        var copies = new List<Copy>();
        for (var lane = 0; lane < 16 && (block * 16) + lane < plan.Sources.Count; lane++)
        {
            var source = plan.Sources[(block * 16) + lane];
            var copy = copies.Find(candidate => candidate.Input == source.Input && candidate.Block == source.Channel / 16);
            if (copy is null)
                copies.Add(copy = new Copy(source.Input, source.Channel / 16));
            copy.Lanes[lane] = source.Channel % 16;
        }

        return copies;
    }

    private static int BlockStride(BufferPlan buffer) => buffer.Shape.IsImage ? buffer.PlaneStride : 16;

    private static void WriteSource(CSharpWriter writer, ChannelGatherPlan plan)
    {
        if (plan.Inputs.Count == 1)
        {
            writer.Line($"float* source = {Row("input0", plan.Inputs[0]!)} + lanes[-1];");
            return;
        }

        writer.Line("float* source = lanes[-1] + lanes[-2] switch");
        using (writer.Block(closing: "};"))
        {
            for (var index = 0; index < plan.Inputs.Count; index++)
                writer.Line(
                    $"{(index == plan.Inputs.Count - 1 ? "_" : Number(index))} => {Row(Invariant($"input{index}"), plan.Inputs[index]!)},"
                );
        }
    }

    private static string Row(string pointer, BufferPlan buffer) =>
        pointer
        + KernelText.ImageTerm(buffer.Shape.Batch, buffer.BatchStride)
        + (buffer.Shape.IsImage ? Invariant($" + row * {buffer.RowPitch}") : "");

    private static void WriteAvx512(CSharpWriter writer, int width)
    {
        writer.Line("Simd::Vector512<int> order = X86::Avx512F.LoadVector512(lanes);");
        writer.Line(
            "Simd::Vector512<float> mine = Simd::Vector512.AsSingle(Simd::Vector512.GreaterThanOrEqual(order, Simd::Vector512<int>.Zero));"
        );
        using (writer.Block($"for (int column = 0; column < {width}; column++, source += 16)"))
        {
            writer.Line("Simd::Vector512<float> value = X86::Avx512F.PermuteVar16x32(X86::Avx512F.LoadVector512(source), order);");
            writer.Line(
                "X86::Avx512F.Store(target + column * 16, Simd::Vector512.ConditionalSelect(mine, value, X86::Avx512F.LoadVector512(target + column * "
                    + "16)));"
            );
        }
    }

    private static void WriteAvx2(CSharpWriter writer, int width)
    {
        writer.Line("// A block is two vectors; each half of the target takes lanes from both halves of the source.");
        using (writer.Block("for (int half = 0; half < 16; half += 8)"))
        {
            writer.Line("Simd::Vector256<int> order = X86::Avx.LoadVector256(lanes + half);");
            writer.Line(
                "Simd::Vector256<float> isHigh = Simd::Vector256.AsSingle(Simd::Vector256.GreaterThan(order, Simd::Vector256.Create(7)));"
            );
            writer.Line(
                "Simd::Vector256<float> mine = Simd::Vector256.AsSingle(Simd::Vector256.GreaterThan(order, Simd::Vector256.Create(-1)));"
            );
            using (writer.Block($"for (int column = 0; column < {width}; column++)"))
            {
                writer.Line($"Simd::Vector256<float> low = {Permute}(X86::Avx.LoadVector256(source + column * 16), order);");
                writer.Line($"Simd::Vector256<float> high = {Permute}(X86::Avx.LoadVector256(source + column * 16 + 8), order);");
                writer.Line("Simd::Vector256<float> value = X86::Avx.BlendVariable(low, high, isHigh);");
                writer.Line(
                    "X86::Avx.Store(target + column * 16 + half, X86::Avx.BlendVariable(X86::Avx.LoadVector256(target + column * 16 + half), value, "
                        + "mine));"
                );
            }
        }
    }

    private static void WritePortable(CSharpWriter writer, int width)
    {
        using (writer.Block("for (int lane = 0; lane < 16; lane++)"))
        {
            writer.Line("int from = lanes[lane];");
            using (writer.Block($"for (int column = 0; column < {width} && from >= 0; column++)"))
                writer.Line("target[column * 16 + lane] = source[column * 16 + from];");
        }
    }
}
