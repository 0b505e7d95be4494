using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Training.Engines.Embedded.Kernels;
using Subp.Training.Engines.Embedded.Operations;

namespace Subp.Training.Engines.Embedded;

/// <summary>
/// Translates a graph into tensors and operations. A clamp is folded into the normalisation or addition before it, which saves
/// a pass over memory each way; clamps and residuals that sit inside a convolution of an already fused graph become operations
/// of their own.
/// </summary>
internal sealed class EngineProgram : IDisposable
{
    private readonly Dictionary<string, BlockedTensor> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TrainedParameter> _parameters = new(StringComparer.Ordinal);
    private readonly List<BlockedTensor> _tensors = [];
    private readonly Graph _graph;
    private readonly int _capacity;
    private readonly MicroKernel _kernel;

    /// <summary>Builds the program of a graph for batches of up to <paramref name="capacity"/> images.</summary>
    /// <exception cref="SubpException">The graph has a form or an operator that cannot be trained.</exception>
    public EngineProgram(Graph graph, int capacity, MicroKernel kernel)
    {
        _graph = graph;
        _capacity = capacity;
        _kernel = kernel;
        if (graph.Inputs.Count != 1 || graph.Outputs.Count != 1 || !graph.Inputs[0].Shape.IsImage)
        {
            throw Untrainable(
                graph.Name,
                FormattableString.Invariant($"{graph.Inputs.Count} inputs and {graph.Outputs.Count} outputs"),
                "one image as input and one output"
            );
        }

        Input = Allocate(graph.Inputs[0].Shape, needsGradient: false);
        _values[graph.Inputs[0].Name] = Input;
        var needed = NeededValues();
        foreach (var node in graph.Nodes.Where(node => needed.Contains(node.Name)))
            Translate(node);

        Logits = _values[graph.Outputs[0]];
        if (Logits.Pixels != 1)
            throw Untrainable(graph.Outputs[0], $"an output of shape {graph.ShapeOf(graph.Outputs[0])}", "[batch,classes]");
    }

    /// <summary>The input of the network.</summary>
    public BlockedTensor Input { get; }

    /// <summary>The values before the final softmax, if there is one.</summary>
    public BlockedTensor Logits { get; }

    /// <summary>Whether the network ends with a softmax, which training merges into the loss.</summary>
    public bool EndsWithSoftmax { get; private set; }

    /// <summary>The operations in order.</summary>
    public List<EngineOperation> Operations { get; } = [];

    /// <summary>The parameters by name.</summary>
    public IReadOnlyDictionary<string, TrainedParameter> Parameters => _parameters;

    /// <summary>Forgets which gradients have been written; the start of a backward pass.</summary>
    public void ResetGradients()
    {
        foreach (var tensor in _tensors)
            tensor.GradientHasContent = false;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var operation in Operations)
            operation.Dispose();

        foreach (var tensor in _tensors)
            tensor.Dispose();
    }

    private void Translate(GraphNode node)
    {
        switch (node.Operator)
        {
            case Conv2d conv:
                Convolution(node, conv);
                break;
            case Linear linear:
                var features = Allocate(node.Shape);
                var weight = Declare(linear.Weight, isTrained: true, decays: true);
                Operations.Add(
                    new ConvolutionOperation(Source(node, 0), features, weight, Bias(linear.Bias), Window.Square(1), groups: 1, _kernel)
                    {
                        Name = node.Name,
                    }
                );
                Finish(node, features, null, linear.Activation);
                break;
            case BatchNorm norm:
                Normalisation(node, norm);
                break;
            case Activate when FusesIntoProducer(node):
                _values[node.Name] = Source(node, 0);
                break;
            case Activate activate:
                Finish(node, Source(node, 0), null, activate.Activation);
                break;
            case Add add:
                Finish(node, Source(node, 0), Source(node, 1), Merge(node, add.Activation));
                break;
            case Pool2d pool:
                Pool(node, pool.Kind, pool.Window, pool.CountIncludesPadding);
                break;
            case GlobalAveragePool:
                var image = Source(node, 0);
                var whole = new Window(new Extent(image.Height, image.Width), Extent.One, Padding.None, Extent.One);
                Pool(node, PoolKind.Average, whole, countIncludesPadding: true);
                break;
            case Flatten when Source(node, 0).Pixels == 1:
                _values[node.Name] = Source(node, 0);
                break;
            case Flatten:
                var flat = Allocate(node.Shape);
                Operations.Add(new FlattenOperation(Source(node, 0), flat) { Name = node.Name });
                _values[node.Name] = flat;
                break;
            case Softmax when _graph.IsOutput(node.Name):
                EndsWithSoftmax = true;
                _values[node.Name] = Source(node, 0);
                break;
            default:
                throw Untrainable(
                    node.Name,
                    $"the operator '{node.Operator.Mnemonic}'",
                    "conv2d, linear, batch_norm, relu, clip, add, max_pool, avg_pool, global_avg_pool, flatten, or softmax as the last node"
                );
        }
    }

    private void Convolution(GraphNode node, Conv2d conv)
    {
        var product = Allocate(node.Shape);
        var weight = Declare(conv.Weight, isTrained: true, decays: true);
        Operations.Add(
            new ConvolutionOperation(Source(node, 0), product, weight, Bias(conv.Bias), conv.Window, conv.Groups, _kernel)
            {
                Name = node.Name,
            }
        );
        Finish(node, product, node.Inputs.Count == 2 ? Source(node, 1) : null, conv.Activation);
    }

    private void Normalisation(GraphNode node, BatchNorm norm)
    {
        var source = Source(node, 0);
        var target = Allocate(node.Shape);
        Operations.Add(
            new BatchNormOperation(
                source,
                target,
                Declare(norm.Scale, isTrained: true, decays: false),
                Declare(norm.Shift, isTrained: true, decays: false),
                Declare(norm.Mean, isTrained: false, decays: false),
                Declare(norm.Variance, isTrained: false, decays: false),
                norm.Epsilon,
                Trainable(node, Merge(node, norm.Activation))
            )
            {
                Name = node.Name,
            }
        );
        _values[node.Name] = target;
    }

    private void Pool(GraphNode node, PoolKind kind, Window window, bool countIncludesPadding)
    {
        var target = Allocate(node.Shape);
        Operations.Add(new PoolOperation(Source(node, 0), target, kind, window, countIncludesPadding) { Name = node.Name });
        _values[node.Name] = target;
    }

    private void Finish(GraphNode node, BlockedTensor first, BlockedTensor? second, Activation activation)
    {
        var target = first;
        Trainable(node, activation);
        if (second is not null || activation != Activation.None || node.Operator is Add)
        {
            target = Allocate(node.Shape);
            Operations.Add(new AddOperation(first, second, target, activation) { Name = node.Name });
        }

        _values[node.Name] = target;
    }

    // The clamp of the only consumer, if a normalisation or addition without a clamp of its own can take it over.
    private Activation Merge(GraphNode node, Activation own)
    {
        var consumers = _graph.ConsumersOf(node.Name);
        return own == Activation.None && consumers.Count == 1 && FusesIntoProducer(consumers[0])
            ? ((Activate)consumers[0].Operator).Activation
            : own;
    }

    // The kernels clamp; the sigmoid family has no derivative here.
    private static Activation Trainable(GraphNode node, Activation activation) =>
        activation.IsClamp ? activation : throw Untrainable(node.Name, $"the activation {activation}", "none, relu, relu6 or clip");

    private bool FusesIntoProducer(GraphNode node) =>
        node.Operator is Activate { Activation.IsClamp: true }
        && !_graph.IsOutput(node.Inputs[0])
        && _graph.ConsumersOf(node.Inputs[0]).Count == 1
        && _graph.FindNode(node.Inputs[0])?.Operator is BatchNorm { Activation.Word: "none" } or Add { Activation.Word: "none" };

    private HashSet<string> NeededValues()
    {
        var needed = new HashSet<string>(_graph.Outputs, StringComparer.Ordinal);
        for (int i = _graph.Nodes.Count - 1; i >= 0; i--)
        {
            if (needed.Contains(_graph.Nodes[i].Name))
                needed.UnionWith(_graph.Nodes[i].Inputs);
        }

        return needed;
    }

    private BlockedTensor Source(GraphNode node, int index) => _values[node.Inputs[index]];

    private TrainedParameter? Bias(string? name) => name is null ? null : Declare(name, isTrained: true, decays: false);

    private TrainedParameter Declare(string name, bool isTrained, bool decays)
    {
        if (_parameters.ContainsKey(name))
            throw Untrainable(name, "a parameter that two nodes share", "a parameter of its own for every node");

        return _parameters[name] = new TrainedParameter(name, _graph.Parameter(name).Shape.ElementCount, isTrained, decays);
    }

    private BlockedTensor Allocate(TensorShape shape, bool needsGradient = true)
    {
        var tensor = shape.IsImage
            ? new BlockedTensor(_capacity, shape.Channels, shape.Height, shape.Width, needsGradient)
            : new BlockedTensor(_capacity, shape.Channels, 1, 1, needsGradient);
        _tensors.Add(tensor);
        return tensor;
    }

    private static SubpException Untrainable(string node, string found, string expected) =>
        new(DiagnosticDescriptors.OperatorNotTrainable, $"node '{node}'", found, expected);
}
