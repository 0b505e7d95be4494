namespace Subp.Compression.Channels;

/// <summary>Channels of one or more values of which any can be removed, together with what it is joined to.</summary>
/// <param name="Units">What goes together: the channels of values that one removal takes.</param>
/// <param name="FrozenBecause">Why none may go, as a clause; null where they may.</param>
internal sealed record ChannelGroup(IReadOnlyList<IReadOnlyList<(string Value, int Channel)>> Units, string? FrozenBecause)
{
    /// <summary>The values that the group goes through, in graph order.</summary>
    public IReadOnlyList<string> Values { get; } = [.. Units[0].Select(member => member.Value).Distinct()];
}
