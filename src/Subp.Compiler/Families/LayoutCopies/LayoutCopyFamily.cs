using Subp.Compiler.Emission;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.LayoutCopies;

/// <summary>From one layout to another: the caller's values, flattened images, vectors that become images.</summary>
internal sealed class LayoutCopyFamily : ImageFamily<CopyPlan>
{
    /// <inheritdoc/>
    public override FamilyPlan Plan(FamilyRequest request)
    {
        var (input, result) = (request.InputShape(0), request.Node.Shape);
        // Of a reshape the side that is not the one dense vector says what lies where; see LowerReshape.
        var shape = request.Node.Operator is Reshape && result is not { IsVector: true, Batch: 1 } ? result : input;
        return new CopyPlan(request.Blocks(shape, shape.Batch * (shape.IsImage ? shape.Height : 1)))
        {
            Shape = shape,
            Operands = request.ImageOperands,
        };
    }

    /// <inheritdoc/>
    protected override bool Computes(Graph graph, GraphNode node) =>
        node.Operator is Flatten or Reshape
        || (node.Operator is ChangeLayout && node.Layout != Layout.Stripes16 && graph.LayoutOf(node.Inputs[0]) != Layout.Stripes16);

    /// <inheritdoc/>
    protected override void Write(CSharpWriter writer, CopyPlan plan, InstructionSet set) => CopyWriter.Write(writer, plan, set);
}
