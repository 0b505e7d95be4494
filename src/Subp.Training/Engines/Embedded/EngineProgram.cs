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
    private readonly TrainedNetwork _network;
    private readonly Graph _graph;
    private readonly int _capacity;
    private readonly MicroKernel _kernel;
    private readonly Dictionary<string, string> _ranges;

    /// <summary>Builds the program of a network for batches of up to <paramref name="capacity"/> images.</summary>
    /// <param name="network">The network.</param>
    /// <param name="capacity">The most images of a batch.</param>
    /// <param name="kernel">The micro kernel.</param>
    /// <param name="inputLearns">Whether the gradient of the input is wanted.</param>
    /// <exception cref="SubpException">The network has an operator that cannot be trained.</exception>
    public EngineProgram(TrainedNetwork network, int capacity, MicroKernel kernel, bool inputLearns = false)
    {
        _network = network;
        _graph = network.Graph;
        _capacity = capacity;
        _kernel = kernel;
        Input = Allocate(_graph.Inputs[0].Shape, inputLearns);
        _values[_graph.Inputs[0].Name] = Input;
        _ranges = network.Ranges.ToDictionary(StringComparer.Ordinal);
        Round(_graph.Inputs[0].Name, _graph.Inputs[0].Shape, inputLearns);
        foreach (var node in network.Nodes)
        {
            Translate(node);
            Round(node.Name, node.Shape, needsGradient: true);
        }

        Logits = _values[network.Logits];
    }

    /// <summary>The input of the network.</summary>
    public BlockedTensor Input { get; }

    /// <summary>The values before the final softmax, if there is one.</summary>
    public BlockedTensor Logits { get; }

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
                var weight = Declare(linear.Weight);
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
                Pool(node, pool);
                break;
            case GlobalAveragePool:
                var image = Source(node, 0);
                var whole = new Window(new Extent(image.Height, image.Width), Extent.One, Padding.None, Extent.One);
                Pool(node, new Pool2d { Kind = PoolKind.Average, Window = whole });
                break;
            case Flatten when Source(node, 0).Pixels == 1:
                _values[node.Name] = Source(node, 0);
                break;
            case Flatten:
                var flat = Allocate(node.Shape);
                Operations.Add(new FlattenOperation(Source(node, 0), flat) { Name = node.Name });
                _values[node.Name] = flat;
                break;
            case Slice slice:
                Copy(node, [Source(node, 0)], ElementMap.Slice(Source(node, 0), slice, node.Shape));
                break;
            case Concat:
                var parts = node.Inputs.Select(input => _values[input]).ToArray();
                Copy(node, parts, ElementMap.Concat(parts));
                break;
            default:
                throw TrainedNetwork.Untrainable(
                    node.Name,
                    $"the operator '{node.Operator.Mnemonic}'",
                    "conv2d, linear, batch_norm, relu, clip, add, max_pool, avg_pool, global_avg_pool, flatten, slice, concat, or "
                        + "softmax as the last node"
                );
        }
    }

    // What reads the value from here on reads its bytes.
    private void Round(string value, TensorShape shape, bool needsGradient)
    {
        if (!_ranges.TryGetValue(value, out var range))
            return;
        var rounded = Allocate(shape, needsGradient);
        Operations.Add(new RoundingOperation(_values[value], rounded, Declare(range)) { Name = value });
        _values[value] = rounded;
    }

    private void Convolution(GraphNode node, Conv2d conv)
    {
        var source = Source(node, 0);
        var product = Allocate(node.Shape);
        var weight = Declare(conv.Weight);
        bool isDepthwise = conv.Groups > 1 && conv.Groups == source.Channels && conv.Groups == product.Channels;
        Operations.Add(
            isDepthwise
                ? new DepthwiseOperation(source, product, weight, Bias(conv.Bias), conv.Window) { Name = node.Name }
                : new ConvolutionOperation(source, product, weight, Bias(conv.Bias), conv.Window, conv.Groups, _kernel) { Name = node.Name }
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
                Declare(norm.Scale),
                Declare(norm.Shift),
                Declare(norm.Mean),
                Declare(norm.Variance),
                norm.Epsilon,
                Trainable(node, Merge(node, norm.Activation))
            )
            {
                Name = node.Name,
            }
        );
        _values[node.Name] = target;
    }

    private void Pool(GraphNode node, Pool2d pool)
    {
        var target = Allocate(node.Shape);
        Operations.Add(new PoolOperation(Source(node, 0), target, pool) { Name = node.Name });
        _values[node.Name] = target;
    }

    private void Copy(GraphNode node, BlockedTensor[] sources, ElementMap map)
    {
        var target = Allocate(node.Shape);
        Operations.Add(new CopyOperation(sources, target, map) { Name = node.Name });
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
        activation.IsClamp
            ? activation
            : throw TrainedNetwork.Untrainable(node.Name, $"the activation {activation}", "none, relu, relu6 or clip");

    private bool FusesIntoProducer(GraphNode node) =>
        node.Operator is Activate { Activation.IsClamp: true }
        && !_graph.IsOutput(node.Inputs[0])
        && _graph.ConsumersOf(node.Inputs[0]).Count == 1
        && _graph.FindNode(node.Inputs[0])?.Operator is BatchNorm { Activation.Word: "none" } or Add { Activation.Word: "none" };

    private BlockedTensor Source(GraphNode node, int index) => _values[node.Inputs[index]];

    private TrainedParameter? Bias(string? name) => name is null ? null : Declare(name);

    private TrainedParameter Declare(string name) => _parameters[name] = new TrainedParameter(_network[name]);

    private BlockedTensor Allocate(TensorShape shape, bool needsGradient = true)
    {
        var tensor = shape.IsImage
            ? new BlockedTensor(_capacity, shape.Channels, shape.Height, shape.Width, needsGradient)
            : new BlockedTensor(_capacity, shape.Channels, 1, 1, needsGradient);
        _tensors.Add(tensor);
        return tensor;
    }
}
