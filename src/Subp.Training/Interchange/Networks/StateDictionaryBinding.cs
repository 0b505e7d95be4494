using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Text;
using Subp.Core.Weights;
using Subp.Training.Interchange.StateDict;

namespace Subp.Training.Interchange.Networks;

/// <summary>Brings the tensors of a state dictionary and the parameters of a network together.</summary>
internal static class StateDictionaryBinding
{
    private const int MostDifferences = 8;

    /// <summary>The values of all parameters of a network.</summary>
    /// <exception cref="SubpException">SUBP0563: a parameter is missing, left over, or of another shape; one message names them.
    /// SUBP0305: a value is not finite.</exception>
    public static WeightSet Bind(Graph graph, IReadOnlyDictionary<string, IReadOnlyList<string>> names, StateDictionary state)
    {
        RequireFit(graph, names, state);
        var weights = new WeightSet();
        foreach (var parameter in graph.Parameters)
        {
            var tensor = Find(names[parameter.Name], state)!;
            weights[parameter.Name] = new WeightTensor(parameter.Shape, tensor.ToFloats());
            weights[parameter.Name].RequireFinite($"{state.Source}, tensor '{tensor.Name}'");
        }

        return weights;
    }

    /// <summary>The tensors that belong to no parameter and are neither counters nor masks of one.</summary>
    public static IEnumerable<StateTensor> Extra(IReadOnlyDictionary<string, IReadOnlyList<string>> names, StateDictionary state)
    {
        var known = names.Values.Select(alternatives => alternatives.FirstOrDefault(name => state.Find(name) is not null)).OfType<string>();
        var expected = known.SelectMany(name => new[] { name, StateNames.MaskOf(name) }).ToHashSet(StringComparer.Ordinal);
        return state.Tensors.Where(tensor =>
            !expected.Contains(tensor.Name) && !tensor.Name.EndsWith(StateNames.CounterSuffix, StringComparison.Ordinal)
        );
    }

    private static void RequireFit(Graph graph, IReadOnlyDictionary<string, IReadOnlyList<string>> names, StateDictionary state)
    {
        var extra = Extra(names, state).Select(tensor => tensor.Name).ToArray();
        var missing = graph
            .Parameters.Where(parameter => Find(names[parameter.Name], state) is null)
            .Select(parameter => names[parameter.Name][0]);
        string[] missingNames = [.. missing];
        string[] differences =
        [
            .. graph.Parameters.Select(parameter => ShapeDifference(parameter, Find(names[parameter.Name], state))).OfType<string>(),
            .. missingNames.Select(name => $"no '{name}'{Nearest(name, extra)}"),
            .. extra.Select(name => $"'{name}' too many{Nearest(name, missingNames)}"),
        ];
        if (differences.Length == 0)
            return;

        int more = differences.Length - MostDifferences;
        throw new SubpException(
            DiagnosticDescriptors.StateDictionaryMismatch,
            state.Source,
            string.Join("; ", differences.Take(MostDifferences)) + (more > 0 ? FormattableString.Invariant($"; and {more} more") : ""),
            $"the parameters of '{graph.Name}'",
            "Choose the network that the file belongs to with --model."
        );
    }

    private static StateTensor? Find(IReadOnlyList<string> alternatives, StateDictionary state) =>
        alternatives.Select(state.Find).FirstOrDefault(tensor => tensor is not null);

    private static string? ShapeDifference(Parameter parameter, StateTensor? tensor) =>
        tensor is null || tensor.Shape.SequenceEqual(parameter.Shape.Dimensions.Select(dimension => (long)dimension))
            ? null
            : $"'{tensor.Name}' of shape {tensor.ShapeText} instead of {parameter.Shape}";

    private static string Nearest(string name, IEnumerable<string> others) =>
        Spelling.Nearest(name, others) is { } nearest ? $" (nearest: '{nearest}')" : "";
}
