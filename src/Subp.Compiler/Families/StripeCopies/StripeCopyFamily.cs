using Subp.Compiler.Emission;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.StripeCopies;

/// <summary>
/// Images from blocks of 16 channels to stripes of 16 pixels and back: sixteen pixels of sixteen channels are a square, which is turned.
/// </summary>
internal sealed class StripeCopyFamily : ImageFamily<StripeCopyPlan>
{
    /// <inheritdoc/>
    public override FamilyPlan Plan(FamilyRequest request)
    {
        var node = request.Node;
        var rows = StripeCopyPlan.RowsOfBand(node.Shape);
        return new StripeCopyPlan(request.Blocks(node.Shape, node.Shape.Batch * ((node.Shape.Height + rows - 1) / rows)))
        {
            BandRows = rows,
            Operands = request.ImageOperands,
        };
    }

    /// <inheritdoc/>
    public override KernelFile? WriteShared(ModelPlan model, InstructionSet set) => TranspositionFile.Write(model, set);

    /// <inheritdoc/>
    protected override bool Computes(Graph graph, GraphNode node) =>
        node.Operator is ChangeLayout && (node.Layout == Layout.Stripes16) != (graph.LayoutOf(node.Inputs[0]) == Layout.Stripes16);

    /// <inheritdoc/>
    protected override void Write(CSharpWriter writer, StripeCopyPlan plan, InstructionSet set) =>
        StripeCopyWriter.Write(writer, plan, set);
}
