using Subp.Compiler.Planning;
using Subp.Core.Graphs;

namespace Subp.Compiler.Families.Bytes;

/// <summary>A family that reads or makes bytes, and nothing else.</summary>
/// <typeparam name="TPlan">The type of its plans.</typeparam>
internal abstract class ByteFamily<TPlan> : KernelFamily<TPlan>
    where TPlan : FamilyPlan
{
    /// <inheritdoc/>
    public sealed override bool Takes(bool bytes) => bytes;

    /// <inheritdoc/>
    public override bool ReadsDense(Graph graph, GraphNode node) => false;

    /// <inheritdoc/>
    public override bool WritesDense(Graph graph, GraphNode node) => false;
}
