using Subp.Core.Weights;

namespace Subp.Compression.Blocks;

/// <summary>What became of a layer.</summary>
/// <param name="Layer">Its name.</param>
/// <param name="Kept">The input channels that every group keeps.</param>
/// <param name="InputChannels">All input channels.</param>
/// <param name="PredictedError">The share of the variance of its output that is an error now, as statistics predict it; null where
/// nothing is known of its input.</param>
public sealed record BlockLayerOutcome(string Layer, int Kept, int InputChannels, double? PredictedError);

/// <summary>A network that lost blocks.</summary>
/// <param name="Model">The network, batch normalisations not folded, with the patterns of its weights.</param>
/// <param name="Layers">The layers that lost blocks, in graph order.</param>
public sealed record BlockOutcome(Model Model, IReadOnlyList<BlockLayerOutcome> Layers);
