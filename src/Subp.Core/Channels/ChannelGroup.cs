namespace Subp.Core.Channels;

/// <summary>Channels of one or more values of which any can be removed, together with what it is joined to.</summary>
public sealed class ChannelGroup
{
    internal ChannelGroup(IReadOnlyList<IReadOnlyList<(string Value, int Channel)>> units, string? frozenBecause)
    {
        Units = units;
        FrozenBecause = frozenBecause;
        Values = [.. units[0].Select(member => member.Value).Distinct()];
    }

    /// <summary>What goes together: the channels of values that one removal takes.</summary>
    public IReadOnlyList<IReadOnlyList<(string Value, int Channel)>> Units { get; }

    /// <summary>Why none may go, as a clause; null where they may.</summary>
    public string? FrozenBecause { get; }

    /// <summary>The values that the group goes through, in graph order.</summary>
    public IReadOnlyList<string> Values { get; }
}
