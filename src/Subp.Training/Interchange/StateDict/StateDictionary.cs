namespace Subp.Training.Interchange.StateDict;

/// <summary>The parameters and buffers of a network by name, as PyTorch saves them.</summary>
public sealed class StateDictionary
{
    // What wrappers put before every name: data parallelism and compilation.
    private static readonly string[] s_wrappers = ["module.", "_orig_mod."];

    private readonly Dictionary<string, StateTensor> _tensors;

    internal StateDictionary(string source, IReadOnlyList<StateTensor> tensors)
    {
        Source = source;
        Tensors = WithoutWrappers(tensors);
        _tensors = Tensors.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
    }

    /// <summary>The file, for messages.</summary>
    public string Source { get; }

    /// <summary>The tensors in the order of the file, without the prefixes of wrappers.</summary>
    public IReadOnlyList<StateTensor> Tensors { get; }

    /// <summary>A tensor by name, or null.</summary>
    public StateTensor? Find(string name) => _tensors.GetValueOrDefault(name);

    private static IReadOnlyList<StateTensor> WithoutWrappers(IReadOnlyList<StateTensor> tensors)
    {
        while (
            tensors.Count > 0
            && s_wrappers.FirstOrDefault(prefix => tensors.All(tensor => tensor.Name.StartsWith(prefix, StringComparison.Ordinal)))
                is { } wrapper
        )
            tensors = [.. tensors.Select(tensor => tensor.WithName(tensor.Name[wrapper.Length..]))];

        return tensors;
    }
}
