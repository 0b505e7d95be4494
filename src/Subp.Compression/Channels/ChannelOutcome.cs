using Subp.Core.Weights;

namespace Subp.Compression.Channels;

/// <summary>What became of channels that can only go together.</summary>
/// <param name="Layers">The layers that make them.</param>
/// <param name="Before">Channels before; of channels that go several at a time, how many times that.</param>
/// <param name="Asked">What the share alone would have left, before rounding to a multiple.</param>
/// <param name="After">Channels now.</param>
/// <param name="Reason">Why none went, as a clause; null where some did.</param>
public sealed record ChannelGroupOutcome(IReadOnlyList<string> Layers, int Before, int Asked, int After, string? Reason);

/// <summary>A network that lost channels.</summary>
/// <param name="Model">The network, batch normalisations not folded.</param>
/// <param name="Groups">Its groups of channels, those of the first layers first.</param>
public sealed record ChannelOutcome(Model Model, IReadOnlyList<ChannelGroupOutcome> Groups)
{
    /// <summary>
    /// The layers that lost input channels and that the form which was asked for does not restore: the published ones look at the filters
    /// of the one layer in front, and behind a sum, a joint or a depthwise layer there is none such.
    /// </summary>
    public IReadOnlyList<string> NotRestored { get; init; } = [];
}
