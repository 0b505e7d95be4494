using Subp.Core.Graphs;
using Subp.Core.Text;

namespace Subp.Core.Weights;

/// <summary>A network with its weights: what training ends with, what ONNX import gives, what packing turns into a bundle.</summary>
/// <param name="Graph">The structure.</param>
/// <param name="Weights">A value for every parameter of the graph.</param>
public sealed record Model(Graph Graph, WeightSet Weights)
{
    /// <summary>What tuning found out about single nodes; changes no value, only how the network is compiled.</summary>
    public PlanHints Hints { get; init; } = PlanHints.Empty;
}
