using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>
/// If: the nodes of the branch that is taken where the condition is known, else those of both branches and a choice between their
/// results. Nodes have no effect but their results, so that computing both is right, only slower.
/// </summary>
internal sealed class IfConverter : OperatorConverter
{
    private const string Then = "then_branch";
    private const string Else = "else_branch";

    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(
            "If",
            "the nodes of the branch, or of both and where",
            "Any condition; where it is computed, both branches are, and their results must have the same shapes."
        );

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(1, 1);
        node.Attributes.Ignore(Then, Else);
        if (!node.IsConstant(0))
        {
            Choose(node);
            return;
        }

        var taken = node.ImportBranch(node.Constant(0, "condition").ToBoolean() ? Then : Else);
        for (var index = 0; index < taken.Count; index++)
        {
            if (node.Node.Output[index].Length > 0)
                node.DefineOutput(index, node.ValueOf(taken[index]));
        }
    }

    private static void Choose(NodeContext node)
    {
        var condition = node.ValueOfAnyKind(0, "condition");
        if (condition.Shape.ElementCount != 1)
            throw node.Unsupported($"a condition of shape {condition.Shape}", "one truth value");
        if (condition.Shape.Rank > 0)
            condition = node.EmitIntermediate("condition", new Reshape([]), condition);
        var (then, otherwise) = (node.ImportBranch(Then), node.ImportBranch(Else));
        for (var index = 0; index < then.Count; index++)
        {
            if (node.Node.Output[index].Length == 0)
                continue;
            var (first, second) = (node.Materialize(then[index]), node.Materialize(otherwise[index]));
            if (!first.Shape.Equals(second.Shape) || first.Kind != second.Kind)
                throw node.Unsupported(
                    $"a computed condition and branches that give {first.Shape} and {second.Shape}",
                    "a condition known at import, or branches that give the same shape and type",
                    UnsupportedNodes.Advice
                );
            node.EmitAs(node.Node.Output[index], new Where(), condition, first, second);
        }
    }
}
