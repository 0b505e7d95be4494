using Subp.Core.Diagnostics;
using Subp.Training.Interchange.Pickle;
using Subp.Training.Interchange.StateDict;

namespace Subp.Training.Interchange.PyTorch;

/// <summary>
/// Finds the state dictionary in what was saved: the whole, or, in a training checkpoint, the entry under one of the usual names.
/// </summary>
internal static class StateDictionarySearch
{
    private static readonly string[] s_names = ["state_dict", "model_state_dict", "model", "net", "network"];

    /// <summary>The state dictionary.</summary>
    /// <exception cref="SubpException">SUBP0562: there is none, or several.</exception>
    public static StateDictionary Find(PickleValue root, string file)
    {
        if (root is not PickleDictionary whole)
            throw Missing(file, root.Kind);

        if (IsState(whole))
            return Create(whole, file);

        var candidates = whole
            .Entries.Where(entry => entry.Key is PickleText { Value: var name } && s_names.Contains(name))
            .Select(entry => (((PickleText)entry.Key).Value, entry.Value as PickleDictionary))
            .Where(entry => entry.Item2 is not null && IsState(entry.Item2))
            .ToArray();
        return candidates switch
        {
            [(_, { } only)] => Create(only, file),
            [] => throw Missing(file, $"a dictionary with {Keys(whole)}"),
            _ => throw Missing(file, $"several: {string.Join(", ", candidates.Select(candidate => $"'{candidate.Value}'"))}"),
        };
    }

    private static bool IsState(PickleDictionary dictionary) =>
        dictionary.Entries.Count > 0 && dictionary.Entries.All(entry => entry is { Key: PickleText, Value: TorchTensor });

    private static StateDictionary Create(PickleDictionary state, string file)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var tensors = new List<StateTensor>();
        foreach (var entry in state.Entries)
        {
            string name = ((PickleText)entry.Key).Value;
            if (!names.Add(name))
                throw TorchFileFailure.Broken(file, $"two tensors '{name}'", "one");

            tensors.Add(((TorchTensor)entry.Value).Named(name));
        }

        return new StateDictionary(file, tensors);
    }

    private static string Keys(PickleDictionary dictionary)
    {
        const int Most = 6;
        var names = dictionary
            .Entries.Select(entry => entry.Key is PickleText { Value: var name } ? $"'{name}'" : entry.Key.Kind)
            .ToArray();
        return names.Length == 0
            ? "nothing in it"
            : string.Join(", ", names.Take(Most))
                + (names.Length > Most ? FormattableString.Invariant($" and {names.Length - Most} more") : "");
    }

    private static SubpException Missing(string file, string found) =>
        new(
            DiagnosticDescriptors.StateDictionaryMissing,
            file,
            found,
            $"a dictionary of tensors by name, or one under {string.Join(", ", s_names.Select(name => $"'{name}'"))}",
            "Save the state dictionary alone in PyTorch: torch.save(model.state_dict(), 'weights.pth')."
        );
}
