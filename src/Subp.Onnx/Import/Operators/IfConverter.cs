namespace Subp.Onnx.Import.Operators;

/// <summary>If with a condition that is known at import: the nodes of the branch that is taken.</summary>
internal sealed class IfConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new("If", "the nodes of the branch", "A condition that constants and static shapes decide.");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(1, 1);
        if (!node.IsConstant(0))
            throw node.Unsupported("a computed condition", "a condition known at import", UnsupportedNodes.Advice);
        var name = node.Constant(0, "condition").ToBoolean() ? "then_branch" : "else_branch";
        node.Attributes.Ignore("then_branch", "else_branch");
        node.Take(node.Attributes.Any(name)?.G ?? throw node.Attributes.Invalid($"no {name}", name));
    }
}
