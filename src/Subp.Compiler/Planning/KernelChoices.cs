using Subp.Compiler.Planning.Costs;
using Subp.Compiler.Planning.Hints;
using Subp.Compiler.Planning.Layouts;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;

namespace Subp.Compiler.Planning;

/// <summary>
/// The kernels of all nodes of a network, each chosen once and before any step is planned: which values share memory and how wide halos are
/// depends on them. Of the candidates of a node the one that a hint asks for is taken, else the one of the fewest predicted cycles, and of
/// equals the first.
/// </summary>
/// <remarks>
/// A description tells candidates apart whose cycles differ by more than <see cref="Indistinct"/>. Where they do not, one that is not the
/// standard one leaves the choice to that, whose choices are measured on whole networks
/// (docs/decisions/0042-close-predictions-are-left-to-the-default.md).
/// </remarks>
internal sealed class KernelChoices
{
    /// <summary>Cycles of up to so many times the fewest say nothing about which of two kernels is faster.</summary>
    public const double Indistinct = 1.05;

    /// <summary>The same in words, for what is printed of a choice.</summary>
    public const string IndistinctWords = "within 5 %";

    private readonly Dictionary<string, KernelCandidate> _chosen = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Name, double Cycles)[]> _rivals = new(StringComparer.Ordinal);

    private readonly IReadOnlyCollection<string> _exposed;
    private readonly KernelChoices? _standard;
    private IReadOnlyDictionary<string, LayoutCosts> _layouts = new Dictionary<string, LayoutCosts>();

    /// <summary>Begins with no choice made.</summary>
    /// <param name="graph">The laid out graph.</param>
    /// <param name="options">The compile options.</param>
    /// <exception cref="SubpException">SUBP0605: a hint is of a node that has no choices, or of words that no family knows.</exception>
    public KernelChoices(Graph graph, CompileOptions options)
    {
        (Graph, Options) = (graph, options);
        Machine = options.Machine with { NetworkWeightBytes = WeightBytes(graph) };
        HintedNodes.Check(options.Hints, graph);
        _exposed = RoundingExposure.ExposedNodes(graph);
        if (!options.Machine.IsStandard)
            _standard = new KernelChoices(graph, options with { Machine = MachineDescription.Standard });
    }

    /// <summary>The laid out graph.</summary>
    public Graph Graph { get; }

    /// <summary>The compile options.</summary>
    public CompileOptions Options { get; }

    /// <summary>The machine whose costs decide.</summary>
    public MachineDescription Machine { get; }

    /// <summary>The choices for the same network in other layouts.</summary>
    /// <param name="graph">The graph that is laid out so, or this one.</param>
    /// <param name="costs">What the nodes for which layouts competed would cost in each.</param>
    public KernelChoices InLayouts(Graph graph, IReadOnlyDictionary<string, LayoutCosts> costs)
    {
        var choices = ReferenceEquals(graph, Graph) ? this : new KernelChoices(graph, Options);
        choices._layouts = costs;
        return choices;
    }

    /// <summary>The choices for the same network with nodes that are computed as one.</summary>
    /// <param name="graph">The graph with these.</param>
    public KernelChoices WithJoined(Graph graph)
    {
        var choices = InLayouts(graph, _layouts);
        // What a joined node won against before it was joined.
        foreach (var rivals in _rivals)
            choices._rivals[rivals.Key] = rivals.Value;
        return choices;
    }

    /// <summary>What a node would cost in each layout, or null where layouts did not compete for it.</summary>
    public LayoutCosts? LayoutsOf(GraphNode node) => _layouts.TryGetValue(node.Name, out var costs) ? costs : null;

    /// <summary>The candidate that computes a node.</summary>
    /// <exception cref="SubpException">no family has a kernel for the node.</exception>
    public KernelCandidate Of(GraphNode node)
    {
        if (!_chosen.TryGetValue(node.Name, out var candidate))
            _chosen[node.Name] = candidate = Best(node, KernelFamilies.Candidates(this, node)) ?? throw NoKernel(Graph, node);
        return candidate;
    }

    /// <summary>
    /// The kernels that competed for a node whose kernel is chosen, with their predicted cycles; none where nothing did or a hint decided.
    /// </summary>
    public IReadOnlyList<(string Name, double Cycles)> RivalsOf(GraphNode node) =>
        _rivals.TryGetValue(node.Name, out var rivals) ? rivals : [];

    /// <summary>The hints of a node as they are written, or null where it has none.</summary>
    public string? HintsOf(GraphNode node) =>
        Options.Hints.Of(node.Name) is { Count: > 0 } words
            ? "hint " + string.Join(" ", words.Select(entry => $"{entry.Key}={entry.Value}"))
            : null;

    /// <summary>
    /// The hints of a node, words under keys; null where it has none, or where the options ask for one form of all layers.
    /// </summary>
    public IReadOnlyDictionary<string, string>? ObeyedHints(GraphNode node) =>
        Options.Unroll == UnrollMode.Auto && Options.Hints.Of(node.Name) is { Count: > 0 } words ? words : null;

    /// <summary>
    /// True where a layer keeps to kernels that round little: under <c>--precise</c>, and where the network may multiply its rounding.
    /// </summary>
    public bool NeedsExactSums(GraphNode node) => Options.Precise || _exposed.Contains(node.Name);

    /// <summary>
    /// What a layer has to say about how its kernel was chosen: its hints, or why a kernel that one may expect was not chosen; null for
    /// nothing.
    /// </summary>
    public string? ReasonOf(GraphNode node) =>
        HintsOf(node) is not { } hints ? KernelFamilies.Remark(this, node)
        : Options.Unroll == UnrollMode.Auto ? KernelFamilies.Remark(this, node) ?? hints
        : hints + " set aside, since a form was asked for";

    /// <summary>The diagnostic of a node that nothing computes.</summary>
    public static SubpException NoKernel(Graph graph, GraphNode node) =>
        new(
            DiagnosticDescriptors.NoKernelForOperator,
            $"layer '{node.Name}'",
            $"the operator {node.Operator.Mnemonic} for {string.Join(" and ", node.Inputs.Select(graph.ShapeOf))}",
            "an operator that the compiler has kernels for",
            "Run the network with the reference interpreter, or replace the layer."
        );

    private static long WeightBytes(Graph graph) =>
        graph.Parameters.Sum(parameter =>
            parameter.Pattern is { Groups: > 0 } pattern
                ? (long)parameter.Shape.ElementCount * pattern.KeptBlocks / ((long)pattern.Groups * pattern.InputChannels) * sizeof(float)
                : (long)parameter.Shape.ElementCount * sizeof(float)
        );

    private KernelCandidate? Best(GraphNode node, IReadOnlyList<KernelCandidate> candidates)
    {
        if (candidates.FirstOrDefault(candidate => candidate.IsAskedFor) is { } asked)
            return asked;
        if (candidates.Count < 2)
            return candidates.FirstOrDefault();
        (string Name, double Cycles)[] rivals = [.. candidates.Select(candidate => (candidate.Name, candidate.Cycles))];
        _rivals[node.Name] = rivals;
        var fewest = 0;
        for (var index = 1; index < rivals.Length; index++)
        {
            if (rivals[index].Cycles < rivals[fewest].Cycles)
                fewest = index;
        }

        var preferred = _standard is null ? -1 : Array.FindIndex(rivals, rival => rival.Name == _standard.Of(node).Name);
        return candidates[preferred >= 0 && rivals[preferred].Cycles <= Indistinct * rivals[fewest].Cycles ? preferred : fewest];
    }
}
