using Subp.Compiler.Emission;
using Subp.Compiler.Families.Bytes;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Values;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.ByteCopies;

/// <summary>
/// Images between blocks of 16 channels of floats and bytes with the channels last: where layers that stay float meet layers of bytes.
/// Sixteen channels of a pixel are side by side in both, so that they are converted at once.
/// </summary>
internal sealed class BlockedByteFamily : ByteFamily<BlockedBytePlan>
{
    /// <inheritdoc/>
    public override bool Accepts(Graph graph, GraphNode node) =>
        node.Shape.IsImage
        && node.Shape.Channels % BufferPlanner.Block == 0
        && node.Operator switch
        {
            Quantize => graph.TypeOf(node.Inputs[0]).Quantization is null && IsBlocked(graph, node.Inputs[0]),
            Dequantize => IsRead(graph, node),
            _ => false,
        };

    /// <inheritdoc/>
    public override FamilyPlan Plan(FamilyRequest request)
    {
        var node = request.Node;
        var toBytes = node.Operator is Quantize;
        return new BlockedBytePlan(request.Rows)
        {
            ToBytes = toBytes,
            Pitch = ByteLayout.ChannelPitch(node.Shape),
            Quantization = toBytes ? node.Type.Quantization! : request.Graph.TypeOf(node.Inputs[0]).Quantization!,
            Operands = toBytes
                ? [request.ImageOperand(0), request.Places.Of(node.Name)]
                : [request.Places.Of(node.Inputs[0]), request.ImageResult],
        };
    }

    /// <inheritdoc/>
    protected override void Write(CSharpWriter writer, BlockedBytePlan plan, InstructionSet set) =>
        BlockedByteWriter.Write(writer, plan, set);

    // In a graph that is not laid out yet: values of layers that compute in blocks.
    private static bool IsBlocked(Graph graph, string value) =>
        graph.FindNode(value) is { } producer
        && producer.Layout switch
        {
            Layout.Blocked16 => true,
            Layout.Nchw => !KernelFamilies.TouchesBytes(graph, producer)
                ? KernelFamilies.AcceptsImages(graph, producer)
                : producer.Operator is Dequantize && IsRead(graph, producer),
            _ => false,
        };

    private static bool IsRead(Graph graph, GraphNode node) =>
        node.Layout switch
        {
            Layout.Blocked16 => true,
            Layout.Nchw => !graph.IsOutput(node.Name)
                && graph
                    .ConsumersOf(node.Name)
                    .All(reader => !KernelFamilies.TouchesBytes(graph, reader) && KernelFamilies.AcceptsImages(graph, reader)),
            _ => false,
        };
}
