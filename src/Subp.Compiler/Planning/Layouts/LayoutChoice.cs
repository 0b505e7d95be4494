using Subp.Compiler.Planning.Costs;
using Subp.Core.Graphs;

namespace Subp.Compiler.Planning.Layouts;

/// <summary>
/// Chooses for every image between blocks of 16 channels and stripes of 16 pixels, so that the network is predicted to be fastest: the
/// cycles of each layer in both, and of a conversion for every value that is read in another layout than it is written in, once however
/// many read it. With two layouts the cheapest choice over the whole network is a minimum cut, exact at any joins.
/// </summary>
internal sealed class LayoutChoice
{
    private const int FirstVertex = 2;

    /// <summary>
    /// Stripes must be predicted to be faster by more than predictions are off: with several threads a conversion is also a layer more
    /// behind which they may have to meet.
    /// </summary>
    private const double Margin = 1.1;

    private readonly Graph _graph;
    private readonly KernelChoices _blocks;
    private readonly Dictionary<string, LayoutOffer> _offers = new(StringComparer.Ordinal);

    private LayoutChoice(KernelChoices blocks)
    {
        (_graph, _blocks) = (blocks.Graph, blocks);
        foreach (var node in _graph.Nodes)
        {
            if (KernelFamilies.InStripes(blocks, node) is { } offer)
                _offers[node.Name] = offer;
        }
    }

    /// <summary>The kernels of a network in the layouts that are predicted to be fastest.</summary>
    /// <param name="graph">The laid out graph, all images in blocks.</param>
    /// <param name="options">The compile options.</param>
    /// <param name="observer">Hears of the graph.</param>
    /// <exception cref="Core.Diagnostics.SubpException">SUBP0605: a hint asks for what a layer cannot have.</exception>
    public static KernelChoices Choose(Graph graph, CompileOptions options, PassObserver? observer)
    {
        var blocks = new KernelChoices(graph, options);
        var choice = new LayoutChoice(blocks);
        if (choice._offers.Count == 0)
            return blocks;
        var striped = choice.Striped();
        var laidOut = striped.Count == 0 ? graph : new StripedGraph(graph, striped).Write();
        observer?.Invoke("choose-layouts", laidOut, striped.Count > 0);
        return blocks.InLayouts(laidOut, choice.Costs());
    }

    // What was asked for competed with nothing.
    private Dictionary<string, LayoutCosts> Costs() =>
        _offers
            .Where(offer => !offer.Value.IsAskedFor)
            .ToDictionary(offer => offer.Key, offer => new LayoutCosts(BlocksOf(offer.Key), offer.Value.Cycles), StringComparer.Ordinal);

    private double BlocksOf(string node) => _blocks.Of(_graph.FindNode(node)!).Cycles;

    private HashSet<string> Striped()
    {
        var number = _offers
            .Keys.OrderBy(name => name, StringComparer.Ordinal)
            .Select((name, index) => (name, index))
            .ToDictionary(entry => entry.name, entry => FirstVertex + entry.index, StringComparer.Ordinal);
        // What is not offered in stripes is in blocks, which is the side of the source.
        int Vertex(string node) => number.TryGetValue(node, out var vertex) ? vertex : MinimumCut.Source;
        string[] values =
        [
            .. _graph
                .Nodes.Select(node => node.Name)
                .Where(value => number.ContainsKey(value) || _graph.ConsumersOf(value).Any(reader => number.ContainsKey(reader.Name))),
        ];
        var cut = new MinimumCut(FirstVertex + number.Count + (2 * values.Length));
        foreach (var entry in _offers)
        {
            var vertex = number[entry.Key];
            cut.Add(MinimumCut.Source, vertex, entry.Value.IsAskedFor ? 0 : Rounded(Margin * entry.Value.Cycles));
            cut.Add(vertex, MinimumCut.Sink, entry.Value.IsAskedFor ? MinimumCut.Never : Rounded(BlocksOf(entry.Key)));
        }

        for (var index = 0; index < values.Length; index++)
        {
            var cycles = Rounded(ConversionCycles(_graph.ShapeOf(values[index])));
            cut.AddValue(
                Vertex(values[index]),
                _graph.ConsumersOf(values[index]).Select(reader => Vertex(reader.Name)).Distinct(),
                FirstVertex + number.Count + (2 * index),
                toFirst: cycles,
                toSecond: cycles
            );
        }

        var isInBlocks = cut.FirstSide();
        return [.. number.Where(entry => !isInBlocks[entry.Value]).Select(entry => entry.Key)];
    }

    private double ConversionCycles(TensorShape shape) =>
        CostModel.Cycles(CostModel.StripeWork(shape, _blocks.Options.InstructionSets[0], _blocks.Machine), _blocks.Machine);

    private static long Rounded(double cycles) => (long)Math.Round(cycles);
}
