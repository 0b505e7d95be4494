using Subp.Compiler.Emission;
using Subp.Compiler.Families.Bytes;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Values;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.IntegerPooling;

/// <summary>The largest byte and the mean of windows, and the mean of whole images.</summary>
internal sealed class IntegerPoolFamily : ByteFamily<IntegerPoolPlan>
{
    /// <inheritdoc/>
    public override bool Accepts(Graph graph, GraphNode node) =>
        node.Operator is Pool2d or GlobalAveragePool
        && node.Type.Quantization is not null
        && graph.TypeOf(node.Inputs[0]).Quantization is not null
        && graph.ShapeOf(node.Inputs[0]).IsImage;

    /// <inheritdoc/>
    public override FamilyPlan Plan(FamilyRequest request)
    {
        var (graph, node) = (request.Graph, request.Node);
        var (input, result) = (graph.TypeOf(node.Inputs[0]).Quantization!, node.Type.Quantization!);
        var pool = node.Operator as Pool2d;
        return new IntegerPoolPlan(request.Tiles(node.Shape.Batch * (pool is null ? 1 : node.Shape.Height)))
        {
            Pool = pool,
            InputShape = request.InputShape(0),
            Pitch = (ByteLayout.ChannelPitch(request.InputShape(0)), ByteLayout.ChannelPitch(node.Shape)),
            InputZero = input.ZeroPoint,
            Ratio = IntegerLayer.Ratio(input, result),
            Placement = new Placement(result.ZeroPoint, 0, byte.MaxValue),
            Operands = request.Operands,
        };
    }

    /// <inheritdoc/>
    protected override void Write(CSharpWriter writer, IntegerPoolPlan plan, InstructionSet set) =>
        IntegerPoolWriter.Write(writer, plan, set);
}
