using Subp.Core.Graphs;

namespace Subp.Core.Text;

/// <summary>What a .subp file says: the structure of a network, which weights belong to it, and how it is best compiled.</summary>
/// <param name="Graph">The structure, with name and metadata.</param>
/// <param name="WeightsHash">The sha256 of the .safetensors file that belongs to it, 64 lower-case hex digits, or null.</param>
/// <param name="Hints">What tuning found out about single nodes.</param>
public sealed record SubpDocument(Graph Graph, string? WeightsHash, PlanHints Hints)
{
    /// <summary>A document of structure only.</summary>
    public SubpDocument(Graph graph)
        : this(graph, null, PlanHints.Empty) { }
}
