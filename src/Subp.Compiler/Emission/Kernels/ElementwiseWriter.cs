using Subp.Compiler.Planning.Layers;
using Subp.Core.Operators;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Emission.Kernels;

/// <summary>Writes additions, clamps and batch normalisations that could not be fused: one pass over the blocks, one vector at a time.</summary>
internal static class ElementwiseWriter
{
    /// <summary>Writes the layer method for one instruction set.</summary>
    public static void Write(CSharpWriter writer, ElementwisePlan plan, InstructionSet set)
    {
        var vectors = VectorDialect.Longest(set);
        var output = plan.Output!;
        var isAdd = plan.Operator is Add;
        var isNormalization = plan.Operator is BatchNorm;
        var extra = isAdd ? "float* other, " : isNormalization ? "float* factors, " : "";
        using (KernelText.Method(writer, $"{plan.Node.Name}: {plan.KernelName(set)}, {KernelText.Extent(output.Shape)}.",
            $"internal static void {plan.MethodStem}(float* input, {extra}float* output, {KernelText.RangeParameters})"))
        {
            BlockLoops.Write(writer, output, () =>
            {
                writer.Line($"float* source = {BlockLoops.Row("input", plan.Inputs[0]!)};");
                if (isAdd)
                    writer.Line($"float* addend = {BlockLoops.Row("other", plan.Inputs[1]!)};");
                writer.Line($"float* target = {BlockLoops.Row("output", output)};");
                BlockLoops.WriteLanes(writer, vectors, lane =>
                {
                    if (isNormalization)
                    {
                        writer.Line($"{vectors.Type} factor = {vectors.Load($"factors + group * 16{lane}")};");
                        writer.Line($"{vectors.Type} shift = {vectors.Load(Invariant($"factors + {output.ChannelBlocks * 16} + group * 16{lane}"))};");
                    }

                    using (writer.Block($"for (int column = 0; column < {output.Width}; column++)"))
                    {
                        var value = vectors.Load($"source + column * 16{lane}");
                        value = plan.Operator switch
                        {
                            Add => vectors.Add(value, vectors.Load($"addend + column * 16{lane}")),
                            BatchNorm => vectors.MultiplyAdd(value, "factor", "shift"),
                            _ => value,
                        };
                        writer.Line(vectors.Store($"target + column * 16{lane}", KernelText.Clamp(vectors, plan.Activation, value)));
                    }
                });
            });
            KernelText.ClearHalo(writer, plan.Output, ("groupFrom", "groupTo"), 1);
        }

        writer.Line();
    }
}
