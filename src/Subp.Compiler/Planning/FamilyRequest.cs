using Subp.Compiler.Planning.Values;
using Subp.Core.Graphs;
using Subp.Core.Storage;

namespace Subp.Compiler.Planning;

/// <summary>A node that wants a kernel, and what a family may know and reserve for it.</summary>
/// <param name="Graph">The laid out graph.</param>
/// <param name="Node">The node.</param>
/// <param name="Places">Where values lie: in the arena, with the caller, among the constants.</param>
/// <param name="Constants">Where what is computed from weights gets its place.</param>
/// <param name="Frame">Makes the frame of the step from the costs of its groups and the number of its tiles.</param>
internal sealed record FamilyRequest(
    Graph Graph,
    GraphNode Node,
    ValuePlaces Places,
    ConstantsBuilder Constants,
    Func<IReadOnlyList<double>, int, LayerFrame> Frame
)
{
    /// <summary>Where parameters lie in the weights file.</summary>
    public required WeightFileLayout Weights { get; init; }

    /// <summary>The shape of an operand.</summary>
    public TensorShape InputShape(int index) => Graph.ShapeOf(Node.Inputs[index]);

    /// <summary>The places of all operands and of the result.</summary>
    public IReadOnlyList<OperandPlace> Operands => [.. Node.Inputs.Select(Places.Of), Places.Of(Node.Name)];

    /// <summary>The place of a parameter that is copied as it is.</summary>
    public OperandPlace Parameter(string name) => Places.OfParameter(name);

    /// <summary>A frame of one group of tiles.</summary>
    public LayerFrame Tiles(int tiles) => Frame([1], tiles);

    /// <summary>The place of the first pixel of an operand, which may have a halo around it; or where the caller has it.</summary>
    public OperandPlace ImageOperand(int index) => Places.OfImage(Node.Inputs[index]);

    /// <summary>The place of the first pixel of the result.</summary>
    public OperandPlace ImageResult => Places.OfImage(Node.Name);

    /// <summary>The places of the first pixels of all operands and of the result.</summary>
    public IReadOnlyList<OperandPlace> ImageOperands => [.. Node.Inputs.Select(Places.OfImage), ImageResult];

    /// <summary>A frame of blocks of 16 channels x the rows of all images.</summary>
    public LayerFrame Rows => Blocks(Node.Shape, Node.Shape.Batch * (Node.Shape.IsImage ? Node.Shape.Height : 1));

    /// <summary>A frame of blocks of 16 channels x images.</summary>
    public LayerFrame Images => Blocks(Node.Shape, Node.Shape.Batch);

    /// <summary>A frame of the blocks of 16 channels of a shape x tiles.</summary>
    public LayerFrame Blocks(TensorShape shape, int tiles) =>
        Frame([.. Enumerable.Repeat(1.0, BufferPlanner.RoundUp(shape.Channels) / BufferPlanner.Block)], tiles);
}
