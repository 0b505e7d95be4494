using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>An element-wise function of one value, with the numbers that it has as attributes.</summary>
/// <param name="name">The ONNX operator.</param>
/// <param name="kind">The function.</param>
/// <param name="alpha">The attribute of the first number, and its default.</param>
/// <param name="beta">The attribute of the second number, and its default.</param>
internal sealed class ElementwiseConverter(
    string name,
    ActivationKind kind,
    (string Name, float Absent)? alpha = null,
    (string Name, float Absent)? beta = null
) : OperatorConverter
{
    private const int ManyDigitsOpset = 6;

    /// <inheritdoc/>
    public override SupportedOperator Description { get; } = new(name, Activation.Of(kind).Word, "Any shape.");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(1, 1);
        float? Read((string Name, float Absent)? attribute) =>
            attribute is { } given ? node.Attributes.Real(given.Name, given.Absent) : null;
        // The numbers of the publication, of which the first standard had four digits.
        var isOldSelu = kind == ActivationKind.Selu && node.Opset < ManyDigitsOpset;
        var (first, second) = isOldSelu ? (("alpha", 1.6732f), ("gamma", 1.0507f)) : (alpha, beta);
        node.Emit(new Activate(Activation.Of(kind, Read(first), Read(second))), node.Value(0));
    }
}
