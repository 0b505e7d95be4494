using Subp.Core.Graphs;

namespace Subp.Compression.Quantizing;

/// <summary>What is known of the values of a network that is to become one of bytes: how far they reach, and their means.</summary>
public sealed class Int8Ranges
{
    internal Int8Ranges(Dictionary<string, ValueFacts> facts) => Facts = facts;

    internal Dictionary<string, ValueFacts> Facts { get; }

    /// <summary>The same with ranges that a training tracked in the place of those of the same values.</summary>
    /// <param name="original">The network that was trained.</param>
    /// <param name="fused">The same network as it is to be computed.</param>
    /// <param name="tracked">The ranges, by value of the original network.</param>
    public Int8Ranges With(Graph original, Graph fused, IReadOnlyDictionary<string, ValueRange> tracked)
    {
        var facts = new Dictionary<string, ValueFacts>(Facts, StringComparer.Ordinal);
        var known = tracked.ToDictionary(entry => entry.Key, entry => new ValueFacts(entry.Value, null), StringComparer.Ordinal);
        foreach (var (value, fact) in FusedValues.Rename(known, original, fused))
            facts[value] = fact;
        return new Int8Ranges(facts);
    }
}
