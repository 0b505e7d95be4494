namespace Subp.Compression.Channels;

/// <summary>The channels of a network that go.</summary>
/// <param name="Groups">What becomes of every group of channels.</param>
/// <param name="Readers">The layers that read whole channels, by name; their state may have followed the choice.</param>
/// <param name="Units">The channels that go, those of a unit together.</param>
internal sealed record ChosenChannels(
    IReadOnlyList<ChannelGroupOutcome> Groups,
    IReadOnlyDictionary<string, ChannelReader> Readers,
    IReadOnlyList<IReadOnlyList<(string Value, int Channel)>> Units
)
{
    /// <summary>The input channels of a layer that go, ascending.</summary>
    public int[] RemovedFrom(ChannelReader reader) => [.. Units.SelectMany(reader.ChannelsOf).Distinct().Order()];
}
