using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using Subp.Core.Operators;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.BlockedElementwise;

/// <summary>
/// Writes additions, products, activations and batch normalisations that could not be fused: one pass over the blocks, one vector at a
/// time. What is the same for all pixels of a channel, the factors of a normalisation and the gate of a product, stays in registers for a
/// row.
/// </summary>
internal static class ElementwiseWriter
{
    /// <summary>Writes the layer method for one instruction set.</summary>
    public static void Write(CSharpWriter writer, ElementwisePlan plan, InstructionSet set)
    {
        var vectors = VectorDialect.Longest(set);
        var output = plan.Output!;
        var extra = plan.Operator switch
        {
            Add or Mul => "float* other, ",
            BatchNorm => "float* factors, ",
            _ => "",
        };
        using (
            KernelText.Method(
                writer,
                $"{plan.Node.Name}: {plan.KernelName(set)}, {KernelText.Extent(output.Shape)}.",
                $"internal static void {plan.MethodStem}(float* input, {extra}float* output, {KernelText.RangeParameters})"
            )
        )
        {
            BlockLoops.Write(
                writer,
                output,
                () =>
                {
                    writer.Line($"float* source = {BlockLoops.Row("input", plan.Inputs[0]!)};");
                    if (plan.Operator is Add or Mul)
                        writer.Line(
                            "float* operand = "
                                + $"{(plan.IsGate ? BlockLoops.Block("other", plan.Inputs[1]!) : BlockLoops.Row("other", plan.Inputs[1]!))};"
                        );
                    writer.Line($"float* target = {BlockLoops.Row("output", output)};");
                    BlockLoops.WriteLanes(writer, vectors, lane => WriteRow(writer, plan, vectors, lane));
                    ActivationText.WriteFunction(
                        writer,
                        vectors,
                        plan.Activation,
                        "target",
                        output.Width * 16 / vectors.Lanes,
                        vectors.Lanes
                    );
                }
            );
            KernelText.ClearHalo(writer, plan.HaloToClear, ("range.GroupFrom", "range.GroupTo"), 1);
        }

        writer.Line();
    }

    private static void WriteRow(CSharpWriter writer, ElementwisePlan plan, VectorDialect vectors, string lane)
    {
        var output = plan.Output!;
        if (plan.Operator is BatchNorm)
        {
            writer.Line($"{vectors.Type} factor = {vectors.Load($"factors + group * 16{lane}")};");
            writer.Line($"{vectors.Type} shift = {vectors.Load(Invariant($"factors + {output.ChannelBlocks * 16} + group * 16{lane}"))};");
        }
        else if (plan.IsGate)
        {
            writer.Line($"{vectors.Type} factor = {vectors.Load($"operand{lane}")};");
        }

        using (writer.Block($"for (int column = 0; column < {output.Width}; column++)"))
        {
            var value = vectors.Load($"source + column * 16{lane}");
            value = plan.Operator switch
            {
                Add => vectors.Add(value, vectors.Load($"operand + column * 16{lane}")),
                Mul when plan.IsGate => vectors.Multiply(value, "factor"),
                Mul => vectors.Multiply(value, vectors.Load($"operand + column * 16{lane}")),
                BatchNorm => vectors.MultiplyAdd(value, "factor", "shift"),
                _ => value,
            };
            ActivationText.WriteStore(writer, vectors, plan.Activation, $"target + column * 16{lane}", value);
        }
    }
}
