using Subp.Compiler.Emission;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.Copies;

/// <summary>
/// What puts elements elsewhere and computes nothing: permutations, parts, joints, repetitions, paddings, choices of indices.
/// </summary>
internal sealed class CopyFamily : KernelFamily<DenseCopyPlan>
{
    /// <inheritdoc/>
    public override bool Takes(bool bytes) => true;

    /// <inheritdoc/>
    public override bool Accepts(Graph graph, GraphNode node) =>
        node.Operator is ChangeLayout
            ? graph.IsInput(node.Inputs[0]) || graph.LayoutOf(node.Inputs[0]) == Layout.Dense
            : HaveOneType(graph, node)
                && node.Operator
                    is ChannelShuffle
                        or Concat
                        or Constant
                        or DepthToSpace
                        or Flatten
                        or Gather
                        or Pad
                        or Reshape
                        or Resize { Mode: ResizeMode.Nearest }
                        or Slice
                        or SpaceToDepth
                        or Tile
                        or Transpose;

    /// <inheritdoc/>
    public override FamilyPlan Plan(FamilyRequest request)
    {
        var map = new CopyMap();
        CopyMaps.Add(map, request);
        return new DenseCopyPlan(request.Tiles(map.Tiles))
        {
            Pieces = map.Pieces,
            Operands = request.Node.Operator is Constant constant
                ? [request.Parameter(constant.Value), request.Places.Of(request.Node.Name)]
                : request.Operands,
            IsBytes = request.Node.Type.Quantization is not null,
            Constant = request.Node.Operator switch
            {
                Pad pad when request.Node.Type.Quantization is { } quantization => IntegerLayer.Quantize(pad.Value, quantization),
                Pad pad => pad.Value,
                Resize resize => resize.Outside,
                _ => 0,
            },
        };
    }

    // Parameters of bytes are not copied to where kernels read constants, and bytes of other quantisations are others.
    private static bool HaveOneType(Graph graph, GraphNode node) =>
        node.Type.Quantization is null || (node.Operator is not Constant && node.Inputs.All(input => graph.TypeOf(input) == node.Type));

    /// <inheritdoc/>
    public override void WriteTables(CSharpWriter writer, FamilyPlan plan)
    {
        if (plan is DenseCopyPlan copy)
            CopyTables.Write(writer, copy);
    }

    /// <inheritdoc/>
    protected override void Write(CSharpWriter writer, DenseCopyPlan plan, InstructionSet set) => DenseCopyWriter.Write(writer, plan, set);
}
