using Subp.Compiler.Planning.Values;
using Subp.Core.Graphs;

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
    /// <summary>The shape of an operand.</summary>
    public TensorShape InputShape(int index) => Graph.ShapeOf(Node.Inputs[index]);

    /// <summary>The places of all operands and of the result.</summary>
    public IReadOnlyList<OperandPlace> Operands => [.. Node.Inputs.Select(Places.Of), Places.Of(Node.Name)];

    /// <summary>The place of a parameter that is copied as it is.</summary>
    public OperandPlace Parameter(string name) => Places.OfParameter(name);

    /// <summary>A frame of one group of tiles.</summary>
    public LayerFrame Tiles(int tiles) => Frame([1], tiles);
}
