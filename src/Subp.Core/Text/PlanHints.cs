namespace Subp.Core.Text;

/// <summary>
/// Per node, choices that overrule the planner: words under keys, kept as they were written. Sorted by node and key in ordinal order, so
/// that equal hints print equally. Immutable. Whether a node or a key exists is not checked here: the planner knows.
/// </summary>
public sealed class PlanHints
{
    /// <summary>No hints.</summary>
    public static readonly PlanHints Empty = new(new SortedDictionary<string, SortedDictionary<string, string>>(StringComparer.Ordinal));

    private readonly SortedDictionary<string, SortedDictionary<string, string>> _nodes;

    private PlanHints(SortedDictionary<string, SortedDictionary<string, string>> nodes) => _nodes = nodes;

    /// <summary>True where there is no hint.</summary>
    public bool IsEmpty => _nodes.Count == 0;

    /// <summary>The nodes that have hints, in ordinal order.</summary>
    public IReadOnlyCollection<string> Nodes => _nodes.Keys;

    /// <summary>The hints of one node in ordinal order of the keys; empty where it has none.</summary>
    public IReadOnlyDictionary<string, string> Of(string node) =>
        _nodes.TryGetValue(node, out var hints) ? hints : new SortedDictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The word of one hint, or null.</summary>
    public string? Find(string node, string key) =>
        _nodes.TryGetValue(node, out var hints) && hints.TryGetValue(key, out var word) ? word : null;

    /// <summary>Starts a set of hints.</summary>
    public static Builder Create() => new();

    /// <summary>Collects hints; a later word under the same node and key replaces the earlier one.</summary>
    public sealed class Builder
    {
        private readonly SortedDictionary<string, SortedDictionary<string, string>> _nodes = new(StringComparer.Ordinal);

        /// <summary>Adds or replaces one hint.</summary>
        /// <param name="node">The name of the node.</param>
        /// <param name="key">The key: a plain name.</param>
        /// <param name="word">The word: one or more of <c>A-Z a-z 0-9 _ . / + -</c>.</param>
        /// <exception cref="ArgumentException">The key or the word could not be written to a .subp file.</exception>
        public Builder Add(string node, string key, string word)
        {
            if (!SubpCharacters.IsPlainName(key))
                throw new ArgumentException($"The hint key '{key}' is not a plain name.", nameof(key));
            if (word.Length == 0 || !word.All(SubpCharacters.IsWordCharacter))
                throw new ArgumentException($"The hint '{word}' is not a word.", nameof(word));
            if (!_nodes.TryGetValue(node, out var hints))
                _nodes[node] = hints = new SortedDictionary<string, string>(StringComparer.Ordinal);
            hints[key] = word;
            return this;
        }

        /// <summary>Adds every hint of another set.</summary>
        public Builder AddAll(PlanHints other)
        {
            foreach (var node in other._nodes)
            {
                foreach (var hint in node.Value)
                    Add(node.Key, hint.Key, hint.Value);
            }

            return this;
        }

        /// <summary>The finished set. The builder must not be used any more.</summary>
        public PlanHints Build() => _nodes.Count == 0 ? Empty : new PlanHints(_nodes);
    }
}
