using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Inspection;
using Subp.Core.Operators;

namespace Subp.Training.Engines;

/// <summary>
/// What a graph means to a training engine, whichever it is: which nodes are computed, where the loss is taken, and which parameters
/// the optimiser moves.
/// </summary>
public sealed class TrainedNetwork
{
    /// <summary>How far the running statistics of a normalisation move towards those of a batch.</summary>
    public const float StatisticsMomentum = 0.1f;

    private readonly Dictionary<string, ParameterRule> _rules = new(StringComparer.Ordinal);

    /// <summary>Examines a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="isRounded">Whether values are rounded to bytes.</param>
    /// <exception cref="SubpException">SUBP0508 where the form of the graph cannot be trained.</exception>
    public TrainedNetwork(Graph graph, bool isRounded = false)
    {
        Graph = graph;
        if (graph.Inputs.Count != 1 || graph.Outputs.Count != 1 || !graph.Inputs[0].Shape.IsImage)
        {
            throw Untrainable(
                graph.Name,
                FormattableString.Invariant($"{graph.Inputs.Count} inputs and {graph.Outputs.Count} outputs"),
                "one image as input and one output"
            );
        }

        string output = graph.Outputs[0];
        var last = graph.FindNode(output);
        EndsWithSoftmax = last?.Operator is Softmax;
        Logits = EndsWithSoftmax ? last!.Inputs[0] : output;
        var shape = graph.ShapeOf(Logits);
        if (shape.IsImage && shape.Height * shape.Width != 1)
            throw Untrainable(Logits, $"an output of shape {shape}", "[batch,classes]");

        GraphVerifier.RequireFloat(graph, "training");
        GraphVerifier.RequireImagesAndVectors(graph);
        Classes = shape.Channels;
        ImageLength = graph.Inputs[0].Shape.ElementCount / graph.Inputs[0].Shape.Batch;
        Nodes = NeededNodes();
        foreach (var node in Nodes)
            Declare(node);
        if (isRounded)
            DeclareRanges();
    }

    /// <summary>The graph.</summary>
    public Graph Graph { get; }

    /// <summary>The nodes on which the logits depend, in order; a final softmax is not among them, it belongs to the loss.</summary>
    public IReadOnlyList<GraphNode> Nodes { get; }

    /// <summary>The value of which the loss is taken.</summary>
    public string Logits { get; }

    /// <summary>Whether predictions are the softmax of the logits.</summary>
    public bool EndsWithSoftmax { get; }

    /// <summary>The number of classes.</summary>
    public int Classes { get; }

    /// <summary>The number of values of an image.</summary>
    public int ImageLength { get; }

    /// <summary>The parameters that the nodes use, in the order of their nodes.</summary>
    public IReadOnlyCollection<ParameterRule> Parameters => _rules.Values;

    /// <summary>By value that is rounded to bytes the parameter that holds its range, in the order of the network.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Ranges { get; private set; } = [];

    /// <summary>What happens to a parameter.</summary>
    /// <exception cref="KeyNotFoundException">No node uses a parameter of this name.</exception>
    public ParameterRule this[string parameter] =>
        _rules.TryGetValue(parameter, out var rule) ? rule : throw new KeyNotFoundException($"No parameter '{parameter}'.");

    /// <summary>The diagnostic of a node that an engine cannot train.</summary>
    public static SubpException Untrainable(string node, string found, string expected) =>
        new(DiagnosticDescriptors.OperatorNotTrainable, $"node '{node}'", found, expected);

    /// <summary>Checks the arguments of a pass.</summary>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public void RequireImages(int length, int count, int capacity)
    {
        if (count < 1 || count > capacity || length != count * ImageLength)
        {
            throw new ArgumentException(
                FormattableString.Invariant(
                    $"Found {count} images in {length} floats; expected 1 to {capacity} images of {ImageLength} floats."
                )
            );
        }
    }

    /// <summary>Checks the labels of a step.</summary>
    /// <exception cref="ArgumentException">A label is not the number of a class.</exception>
    public void RequireLabels(ReadOnlySpan<int> labels)
    {
        foreach (int label in labels)
        {
            if (label < 0 || label >= Classes)
                throw new ArgumentException(
                    FormattableString.Invariant($"A label is {label}; there are {Classes} classes."),
                    nameof(labels)
                );
        }
    }

    /// <summary>Checks the place for the outputs of a prediction.</summary>
    /// <exception cref="ArgumentException">The length does not fit.</exception>
    public void RequireOutputs(int length, int count)
    {
        if (length != count * Classes)
            throw new ArgumentException(FormattableString.Invariant($"Expected {count * Classes} outputs, found {length}."));
    }

    private void DeclareRanges()
    {
        var ranges = new List<KeyValuePair<string, string>>();
        foreach (var value in RoundedValues.Of(this))
        {
            var name = value + ".range";
            while (_rules.ContainsKey(name) || Graph.FindParameter(name) is not null)
                name += "_";
            _rules[name] = new ParameterRule(name, new TensorShape(2), IsTrained: false, Decays: false);
            ranges.Add(new(value, name));
        }

        Ranges = ranges;
    }

    private List<GraphNode> NeededNodes()
    {
        var needed = new HashSet<string>(StringComparer.Ordinal) { Logits };
        for (int i = Graph.Nodes.Count - 1; i >= 0; i--)
        {
            if (needed.Contains(Graph.Nodes[i].Name))
                needed.UnionWith(Graph.Nodes[i].Inputs);
        }

        return [.. Graph.Nodes.Where(node => needed.Contains(node.Name))];
    }

    // Statistics are measured, not trained; weights decay, 1-D parameters do not.
    private void Declare(GraphNode node)
    {
        if (BasicForms.Beyond(Graph, node) is { } form)
            throw Untrainable(node.Name, form, "an operator in a form that the engines train");
        foreach (var use in node.Operator.Parameters)
        {
            if (_rules.ContainsKey(use.Name))
                throw Untrainable(use.Name, "a parameter that two nodes share", "a parameter of its own for every node");

            var shape = Graph.Parameter(use.Name).Shape;
            _rules[use.Name] = new ParameterRule(use.Name, shape, use.Role is not ("mean" or "variance"), use.Role == "weight");
        }
    }
}

/// <summary>What a training does with a parameter.</summary>
/// <param name="Name">Its name in the graph.</param>
/// <param name="Shape">Its dense shape.</param>
/// <param name="IsTrained">False for running statistics, which no gradient reaches.</param>
/// <param name="Decays">Whether weight decay applies: to weights, not to biases and normalisation parameters.</param>
public sealed record ParameterRule(string Name, TensorShape Shape, bool IsTrained, bool Decays);
