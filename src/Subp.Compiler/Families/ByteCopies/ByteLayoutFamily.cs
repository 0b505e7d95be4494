using Subp.Compiler.Emission;
using Subp.Compiler.Families.Bytes;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.ByteCopies;

/// <summary>
/// Images and vectors between the dense layout, in floats or in bytes, and bytes with the channels last: quantisation, its reverse, and
/// what the caller gives and gets.
/// </summary>
internal sealed class ByteLayoutFamily : ByteFamily<ByteLayoutPlan>
{
    /// <inheritdoc/>
    public override bool Accepts(Graph graph, GraphNode node) =>
        ImageShapes.Is(node.Shape)
        && node.Operator switch
        {
            Quantize => graph.TypeOf(node.Inputs[0]).Quantization is null,
            Dequantize => true,
            ChangeLayout => (node.Layout == Layout.ChannelsLast) != (graph.LayoutOf(node.Inputs[0]) == Layout.ChannelsLast),
            _ => false,
        };

    /// <inheritdoc/>
    public override bool ReadsDense(Graph graph, GraphNode node) => node.Operator is Quantize;

    /// <inheritdoc/>
    public override bool WritesDense(Graph graph, GraphNode node) => node.Operator is Dequantize;

    /// <inheritdoc/>
    public override FamilyPlan Plan(FamilyRequest request)
    {
        var node = request.Node;
        var toLast = node.Operator is Quantize || node is { Operator: ChangeLayout, Layout: Layout.ChannelsLast };
        return new ByteLayoutPlan(request.Tiles(node.Shape.Batch * (node.Shape.IsImage ? node.Shape.Height : 1)))
        {
            Shape = node.Shape,
            ToLast = toLast,
            Quantization = node.Operator switch
            {
                Quantize => node.Type.Quantization,
                Dequantize => request.Graph.TypeOf(node.Inputs[0]).Quantization,
                _ => null,
            },
            Operands = request.Operands,
        };
    }

    /// <inheritdoc/>
    protected override void Write(CSharpWriter writer, ByteLayoutPlan plan, InstructionSet set) =>
        new ByteLayoutWriter(plan, set).Write(writer);
}
