using Subp.Compiler.Emission;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.WindowCopies;

/// <summary>Slices of rows and columns, paddings, and enlargements by whole numbers.</summary>
internal sealed class WindowCopyFamily : ImageFamily<WindowCopyPlan>
{
    /// <inheritdoc/>
    public override FamilyPlan Plan(FamilyRequest request) =>
        request.Node.Operator switch
        {
            Slice slice => new WindowCopyPlan(request.Rows)
            {
                Begin = slice.Axis == 2 ? new Extent(slice.Begin, 0) : new Extent(0, slice.Begin),
                Step = slice.Axis == 2 ? new Extent(slice.Step, 1) : new Extent(1, slice.Step),
                Operands = request.ImageOperands,
            },
            Resize resize => new WindowCopyPlan(request.Rows)
            {
                Repeat = Enlargement.Of(resize, request.Graph.ShapeOf(request.Node.Inputs[0]))!.Value,
                Operands = request.ImageOperands,
            },
            _ => Padded(request, (Pad)request.Node.Operator),
        };

    private static WindowCopyPlan Padded(FamilyRequest request, Pad pad) =>
        new(request.Rows)
        {
            Begin = new Extent(-pad.Padding.Top, -pad.Padding.Left),
            Value = pad.Value,
            Operands = request.ImageOperands,
        };

    /// <inheritdoc/>
    protected override bool Computes(Graph graph, GraphNode node) =>
        node.Operator switch
        {
            Slice slice => slice is { Axis: > 1, Step: > 0 } && node.Shape.IsImage,
            // What the caller gives is dense and mostly of few channels: blocks of 16 would be copies of emptiness.
            Resize resize => !graph.IsInput(node.Inputs[0]) && Enlargement.Of(resize, graph.ShapeOf(node.Inputs[0])) is not null,
            Pad pad => pad is { Mode: PadMode.Constant, Pads.Count: 4 } && graph.ShapeOf(node.Inputs[0]).IsImage,
            _ => false,
        };

    /// <inheritdoc/>
    protected override void Write(CSharpWriter writer, WindowCopyPlan plan, InstructionSet set) =>
        WindowCopyWriter.Write(writer, plan, set);
}
