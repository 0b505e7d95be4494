using Subp.Compiler.Emission;
using Subp.Compiler.Families.Bytes;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Values;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.IntegerElementwise;

/// <summary>Functions of one byte, by a table; sums and products of two.</summary>
internal sealed class IntegerElementwiseFamily : ByteFamily<IntegerElementwisePlan>
{
    /// <inheritdoc/>
    public override bool Accepts(Graph graph, GraphNode node) =>
        ImageShapes.Is(node.Shape)
        && node.Type.Quantization is not null
        && node.Inputs.Count > 0
        && node.Inputs.All(input => graph.TypeOf(input).Quantization is not null)
        && node.Operator switch
        {
            Activate or Quantize => true,
            Add or Mul => IntegerForm.AreAlike(graph, node) || IntegerForm.HasGate(graph, node, 1),
            _ => false,
        };

    /// <inheritdoc/>
    public override bool MayWriteOver(Graph graph, GraphNode node, int operand) => operand == 0 || IntegerForm.AreAlike(graph, node);

    /// <inheritdoc/>
    public override FamilyPlan Plan(FamilyRequest request)
    {
        var (graph, node) = (request.Graph, request.Node);
        var (result, sources) = (node.Type.Quantization!, node.Inputs.Select(input => graph.TypeOf(input).Quantization!).ToArray());
        var (low, high) = node.Operator switch
        {
            Add add => IntegerLayer.Bounds(add.Activation, result),
            Mul product => IntegerLayer.Bounds(product.Activation, result),
            _ => (0, byte.MaxValue),
        };
        var isGate = node.Inputs.Count == 2 && !IntegerForm.AreAlike(graph, node);
        var rows = node.Shape.Batch * (node.Shape.IsImage ? node.Shape.Height : 1);
        var chunks = (ByteLayout.Length(node.Shape, Layout.ChannelsLast) - 1) / IntegerElementwisePlan.Chunk;
        return new IntegerElementwisePlan(request.Tiles(isGate ? rows : chunks + 1))
        {
            Shape = node.Shape,
            Table = node.Operator switch
            {
                Activate activate => IntegerLayer.Table(activate.Activation, sources[0], result),
                Quantize => [.. Enumerable.Range(0, 256).Select(value => (byte)IntegerLayer.Requantize(value, sources[0], result))],
                _ => null,
            },
            Sources = sources,
            Result = result,
            Placement = new Placement(result.ZeroPoint, low, high),
            IsGate = isGate,
            Operands = request.Operands,
        };
    }

    /// <inheritdoc/>
    public override void WriteTables(CSharpWriter writer, FamilyPlan plan)
    {
        if (plan is IntegerElementwisePlan { Table: { } table })
            ByteTable.Write(writer, plan, "Bytes", table, "the result of each byte");
    }

    /// <inheritdoc/>
    protected override void Write(CSharpWriter writer, IntegerElementwisePlan plan, InstructionSet set) =>
        IntegerElementwiseWriter.Write(writer, plan, set);
}
