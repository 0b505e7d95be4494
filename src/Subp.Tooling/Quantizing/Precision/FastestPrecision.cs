using Subp.Compiler;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Costs;
using Subp.Compression.Quantizing;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Tooling.Compilation;

namespace Subp.Tooling.Quantizing.Precision;

/// <summary>
/// Chooses for every layer whether it computes on bytes or on floats, so that the network is predicted to be fastest: cycles of both
/// kernels, the Winograd domain of floats among them, and of the conversions between layers that differ. Exact for these costs: who
/// computes on what is a minimum cut of the network.
/// </summary>
/// <param name="fused">The network of floats, as its layers of bytes compute it.</param>
/// <param name="options">The instruction set, the first, and the machine that it is predicted for.</param>
internal sealed class FastestPrecision(Model fused, CompileOptions options)
{
    private const int FirstVertex = 2;

    /// <summary>The nodes that are faster as floats; those that may not be bytes are not among them.</summary>
    /// <param name="bytes">The network with as many layers of bytes as may be.</param>
    /// <param name="mixed">Makes the network in which some more nodes stay float.</param>
    public IReadOnlySet<string> FloatNodes(Int8Outcome bytes, Func<IReadOnlySet<string>, Int8Outcome> mixed)
    {
        var chosen = Cut(bytes);
        // Costs add up only nearly: a residual addition is part of a layer where both compute on the same. What is planned decides.
        return chosen.Count > 0 && Cycles(mixed(chosen).Model) < Cycles(bytes.Model) ? chosen : new HashSet<string>();
    }

    /// <summary>The predicted cycles of a whole network on one thread.</summary>
    public double Cycles(Model model) => CompiledNetwork.PlanOf(model, options).Layers.Sum(Cycles);

    private double Cycles(LayerPlan layer) => CostModel.Cycles(layer, options.InstructionSets[0], options.Machine);

    private HashSet<string> Cut(Int8Outcome bytes)
    {
        var graph = fused.Graph;
        var number = graph.Nodes.Select((node, index) => (node.Name, Index: FirstVertex + index)).ToDictionary(StringComparer.Ordinal);
        // Behind the nodes two vertices for each value: whether its bytes are made of floats, and its floats of bytes.
        var values = graph.Nodes.Select(node => node.Name).Concat(graph.Inputs.Select(input => input.Name)).ToArray();
        var conversions = values.Select((name, index) => (name, 2 * index)).ToDictionary(StringComparer.Ordinal);
        var first = FirstVertex + graph.Nodes.Count;
        var cut = new MinimumCut(first + (2 * values.Length));
        var (asFloats, asBytes) = (CyclesByNode(fused), CyclesByNode(bytes.Model));
        var mustBeFloat = bytes.Layers.Where(layer => layer.FloatReason is not null).Select(layer => layer.Name).ToHashSet();
        foreach (var node in graph.Nodes)
        {
            var vertex = number[node.Name];
            cut.Add(MinimumCut.Source, vertex, mustBeFloat.Contains(node.Name) ? 0 : asFloats(node));
            cut.Add(vertex, MinimumCut.Sink, mustBeFloat.Contains(node.Name) ? MinimumCut.Never : asBytes(node));
            if (node.Operator is Conv2d or Linear)
                continue;
            // What has no weights computes on bytes only where its operands are bytes.
            foreach (var input in node.Inputs)
                cut.Add(vertex, number.GetValueOrDefault(input, MinimumCut.Sink), MinimumCut.Never);
        }

        foreach (var value in values)
        {
            var readers = graph.ConsumersOf(value).Select(reader => number[reader.Name]);
            cut.AddValue(
                number.GetValueOrDefault(value, MinimumCut.Sink),
                // The caller reads floats.
                graph.IsOutput(value)
                    ? readers.Append(MinimumCut.Sink)
                    : readers,
                first + conversions[value],
                toFirst: ConversionCycles(graph.ShapeOf(value), toBytes: true),
                toSecond: ConversionCycles(graph.ShapeOf(value), toBytes: false)
            );
        }

        var isBytes = cut.FirstSide();
        return [.. graph.Nodes.Where(node => !isBytes[number[node.Name]] && !mustBeFloat.Contains(node.Name)).Select(node => node.Name)];
    }

    private long ConversionCycles(TensorShape shape, bool toBytes) =>
        (long)Math.Round(CostModel.ConversionCycles(shape, toBytes, options.InstructionSets[0], options.Machine));

    // A node that became part of another one costs what that costs more by it, which is counted there. The bytes of an output have a name
    // of their own.
    private Func<GraphNode, long> CyclesByNode(Model model)
    {
        var cycles = CompiledNetwork.PlanOf(model, options).Layers.ToDictionary(layer => layer.Node.Name, Cycles, StringComparer.Ordinal);
        return node => (long)Math.Round(cycles.GetValueOrDefault(node.Name) + cycles.GetValueOrDefault(node.Name + ".bytes"));
    }
}
