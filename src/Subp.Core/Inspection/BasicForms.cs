using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Core.Inspection;

/// <summary>
/// The forms of operators that classifiers of images are made of: values are images and vectors, channels are joined, planes are padded.
/// What
/// knows these alone asks here before it takes a form for what it looks like.
/// </summary>
public static class BasicForms
{
    /// <summary>What of a node goes beyond the basic forms, in words, or null.</summary>
    public static string? Beyond(Graph graph, GraphNode node)
    {
        TensorShape Input(int index) => graph.ShapeOf(node.Inputs[index]);
        return node.Operator switch
        {
            Activate activate => Beyond(activate.Activation),
            Conv2d convolution => Beyond(convolution.Activation),
            BatchNorm norm => Beyond(norm.Activation),
            Linear linear => Input(0).IsVector ? Beyond(linear.Activation) : $"a linear layer over {Input(0)}",
            Add add => Input(0).Equals(Input(1)) ? Beyond(add.Activation) : $"the sum of {Input(0)} and {Input(1)}",
            Mul product => Input(0).Equals(Input(1)) || IsGate(Input(0), Input(1))
                ? Beyond(product.Activation)
                : $"the product of {Input(0)} and {Input(1)}",
            Concat concat => concat.Axis == 1 ? null : FormattableString.Invariant($"a concatenation along axis {concat.Axis}"),
            Slice slice => slice is { Axis: > 0, Step: > 0 }
                ? null
                : FormattableString.Invariant($"a slice along axis {slice.Axis} with step {slice.Step}"),
            Pad pad => pad is { Mode: PadMode.Constant, Pads.Count: 4 } && Input(0).IsImage ? null : "padding that is not around images",
            Softmax softmax => softmax is { Axis: 1, IsLogarithm: false } && Input(0).IsVector
                ? null
                : FormattableString.Invariant($"{softmax.Mnemonic} along axis {softmax.Axis} of {Input(0)}"),
            ChangeLayout or ChannelShuffle or Flatten or GlobalAveragePool or Pool2d or Reshape => null,
            _ => $"the operator {node.Operator.Mnemonic}",
        };
    }

    private static string? Beyond(Activation activation) => activation.Kind <= ActivationKind.Silu ? null : $"the activation {activation}";

    private static bool IsGate(TensorShape value, TensorShape factor) =>
        value.IsImage && factor.Equals(new TensorShape(value.Batch, value.Channels, 1, 1));
}
