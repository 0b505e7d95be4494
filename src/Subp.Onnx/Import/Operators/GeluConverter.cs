using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>Gelu, exact or approximated with a hyperbolic tangent.</summary>
internal sealed class GeluConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } = new("Gelu", "gelu or gelu_tanh", "Any shape; approximate none or tanh.");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(1, 1);
        var kind = node.Attributes.Text("approximate", "none") switch
        {
            "none" => ActivationKind.Gelu,
            "tanh" => ActivationKind.GeluTanh,
            var other => throw node.Attributes.Invalid($"approximate = '{other}'", "none or tanh"),
        };
        node.Emit(new Activate(Activation.Of(kind)), node.Value(0));
    }
}
