using Subp.Core.Graphs;

namespace Subp.Core.Weights;

/// <summary>A network with its weights: what training ends with, what ONNX import gives, what packing turns into a bundle.</summary>
/// <param name="Graph">The structure.</param>
/// <param name="Weights">A value for every parameter of the graph.</param>
public sealed record Model(Graph Graph, WeightSet Weights);
