using Subp.Compiler.Planning;
using Subp.Core.Graphs;

namespace Subp.Compiler.Families;

/// <summary>
/// A family that computes images in blocks of 16 channels, and vectors padded to such. Of the values of a network these are the ones that
/// convolutions read and write; all others are dense.
/// </summary>
/// <typeparam name="TPlan">The type of its plans.</typeparam>
internal abstract class ImageFamily<TPlan> : KernelFamily<TPlan>
    where TPlan : FamilyPlan
{
    /// <inheritdoc/>
    public sealed override bool IsDense => false;

    /// <inheritdoc/>
    public sealed override bool Accepts(Graph graph, GraphNode node) => ImageShapes.Are(graph, node) && Computes(graph, node);

    /// <summary>True where the family computes a node whose operands and result are images or vectors.</summary>
    protected abstract bool Computes(Graph graph, GraphNode node);
}
