using Subp.Core.Graphs;
using Subp.Core.Weights;

namespace Subp.Compression.Quantizing;

/// <summary>A network of bytes, and what became of its nodes.</summary>
/// <param name="Model">The network.</param>
/// <param name="Layers">Its nodes, in order.</param>
public sealed record Int8Outcome(Model Model, IReadOnlyList<Int8Layer> Layers);

/// <summary>What became of one node.</summary>
/// <param name="Name">The name of the node.</param>
/// <param name="Operator">What it computes.</param>
/// <param name="Result">What the bytes of its result stand for; null where the result is float.</param>
/// <param name="Range">The range that was found for the result.</param>
/// <param name="WeightError">The length of what rounding changed in the weight, divided by that of the weight; or null.</param>
/// <param name="FloatReason">Why the node computes on floats; null where it computes on bytes.</param>
public sealed record Int8Layer(
    string Name,
    string Operator,
    Quantization? Result,
    ValueRange? Range,
    double? WeightError,
    string? FloatReason
);
