namespace Subp.Training.Channels;

/// <summary>
/// Channels of several values that are one and the same: whoever reorders or removes one of them does so in every parameter that carries
/// them. The outputs of all convolutions that a residual network adds up are one class, for example.
/// </summary>
/// <param name="Channels">How many there are.</param>
/// <param name="Carriers">The parameters with an entry for each of them, in graph order.</param>
/// <param name="Values">The values that have them, and how many consecutive channels of the value each of them is: the pixels of a
/// flattened map, otherwise 1.</param>
public sealed record ChannelClass(int Channels, IReadOnlyList<ChannelCarrier> Carriers, IReadOnlyDictionary<string, int> Values)
{
    /// <summary>The weights whose rows are the filters that compute the channels.</summary>
    public IEnumerable<ChannelCarrier> Producers => Carriers.Where(carrier => carrier.Role == CarrierRole.Filter);
}

/// <summary>What a parameter has to do with the channels it carries.</summary>
public enum CarrierRole
{
    /// <summary>A weight whose rows compute them.</summary>
    Filter,

    /// <summary>A weight whose columns read them.</summary>
    Reader,

    /// <summary>One entry a channel: a bias, a normalisation, a depthwise filter.</summary>
    Companion,
}

/// <summary>A parameter that carries the channels of a class along one of its dimensions.</summary>
/// <param name="Parameter">Its name.</param>
/// <param name="Dimension">The dimension, 0 or 1.</param>
/// <param name="Repeat">Consecutive entries for each channel: the pixels of a flattened map, otherwise 1.</param>
/// <param name="Role">What it does with them.</param>
public sealed record ChannelCarrier(string Parameter, int Dimension, int Repeat, CarrierRole Role);
