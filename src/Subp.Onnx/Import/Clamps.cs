using Subp.Core.Operators;

namespace Subp.Onnx.Import;

/// <summary>What limits a value to a range: Clip, and Max or Min with a constant.</summary>
internal static class Clamps
{
    /// <summary>Adds min(max(x, minimum), maximum) as the node of the first output.</summary>
    public static void Emit(NodeContext node, GraphValue input, float minimum, float maximum)
    {
        // Exporters write "no bound" also as the largest finite number; one spelling keeps the patterns of later passes simple.
        if (minimum == float.MinValue)
            minimum = float.NegativeInfinity;
        if (maximum == float.MaxValue)
            maximum = float.PositiveInfinity;

        // As in numpy.clip, the upper bound is applied last and wins.
        if (minimum > maximum)
            minimum = maximum;
        var activation = new Activation(minimum, maximum);

        // PyTorch writes ReLU6 as Relu and Clip or as Max and Min; one clamp after another is one clamp.
        if (minimum <= maximum && node.Producer(input) is (Activate { Activation: { IsClamp: true } inner }, [var source]))
            (input, activation) = (source, Joined(inner, activation));
        if (activation == Activation.None)
            node.Define(input);
        else
            node.Emit(new Activate(activation), input);
    }

    /// <summary>First the one clamp, then the other.</summary>
    public static Activation Joined(Activation first, Activation second) =>
        new(
            Math.Min(Math.Max(first.Minimum, second.Minimum), second.Maximum),
            Math.Min(Math.Max(first.Maximum, second.Minimum), second.Maximum)
        );
}
