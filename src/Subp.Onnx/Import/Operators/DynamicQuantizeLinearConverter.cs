using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>
/// DynamicQuantizeLinear: scale and zero point follow from the numbers of every input, so that no integer layer can have them built in.
/// What it computes is computed on floats, which hold whole numbers of this size exactly.
/// </summary>
internal sealed class DynamicQuantizeLinearConverter : OperatorConverter
{
    // Where all numbers are 0 the scale is not 0, which would divide 0 by 0; the result is 0 all the same.
    private const float LeastScale = 1.17549435e-38f;

    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(
            "DynamicQuantizeLinear",
            "reduce_max, reduce_min, div, round, clip: on floats",
            "Its three outputs are whole numbers and a scale in floats; ConvInteger and MatMulInteger read them. For layers on bytes "
                + "quantise statically."
        );

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(1, 1);
        var value = node.Value(0);
        int[] axes = [.. Enumerable.Range(0, value.Shape.Rank)];
        var zero = node.ComputedConstant("zero", new TensorShape(1), 0);
        var largest = Bound(ReduceKind.Maximum, BinaryKind.Maximum);
        var smallest = Bound(ReduceKind.Minimum, BinaryKind.Minimum);
        var range = Two(node, "range", BinaryKind.Subtract, largest, smallest);
        var steps = Two(node, "steps", BinaryKind.Divide, range, node.ComputedConstant("most", new TensorShape(1), byte.MaxValue));
        var scale = Two(node, "scale", BinaryKind.Maximum, steps, node.ComputedConstant("least", new TensorShape(1), LeastScale));
        var below = Two(node, "below", BinaryKind.Subtract, zero, Two(node, "low", BinaryKind.Divide, smallest, scale));
        var zeroPoint = Whole("zero_point", below);
        var whole = node.EmitIntermediate("rounded", new Activate(Activation.Of(ActivationKind.Round)), Divided());
        node.EmitAs(ElementKind.Integer, new Activate(new Activation(0, byte.MaxValue)), Sum(whole));
        Further(1, scale, ElementKind.Real);
        Further(2, zeroPoint, ElementKind.Integer);

        GraphValue Bound(ReduceKind kind, BinaryKind with) =>
            Two(
                node,
                with == BinaryKind.Maximum ? "largest" : "smallest",
                with,
                node.EmitIntermediate(
                    with == BinaryKind.Maximum ? "most_of_all" : "least_of_all",
                    new Reshape(1),
                    node.EmitIntermediate(with == BinaryKind.Maximum ? "max" : "min", new Reduce { Kind = kind, Axes = axes }, value)
                ),
                zero
            );

        GraphValue Whole(string suffix, GraphValue real) =>
            node.EmitIntermediate(
                suffix,
                new Activate(new Activation(0, byte.MaxValue)),
                node.EmitIntermediate(suffix + ".rounded", new Activate(Activation.Of(ActivationKind.Round)), real)
            );

        GraphValue Divided() => Two(node, "divided", BinaryKind.Divide, value, scale);

        GraphValue Sum(GraphValue rounded) => node.EmitIntermediate("moved", new Add(), rounded, zeroPoint);

        void Further(int index, GraphValue result, ElementKind kind)
        {
            if (index < node.Node.Output.Count && node.Node.Output[index].Length > 0)
                node.DefineOutput(index, result with { Kind = kind });
        }
    }

    private static GraphValue Two(NodeContext node, string suffix, BinaryKind kind, GraphValue left, GraphValue right) =>
        node.EmitIntermediate(suffix, new Binary { Kind = kind }, left, right);
}
