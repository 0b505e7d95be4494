using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Training.Engines;
using static TorchSharp.torch;
using Functional = TorchSharp.torch.nn.functional;

namespace Subp.Training.TorchSharp.Networks;

/// <summary>Computes a node from its inputs.</summary>
/// <param name="inputs">The inputs in the order of the node.</param>
/// <param name="training">Whether batch statistics are used and the running ones move.</param>
internal delegate Tensor NodeFunction(Tensor[] inputs, bool training);

/// <summary>One function of libtorch, or a few, for every operator.</summary>
/// <param name="network">The network.</param>
/// <param name="parameters">Its parameters by name.</param>
/// <param name="rounding">How weights are rounded for a network of bytes; null where they are not.</param>
internal sealed class NodeFunctions(TrainedNetwork network, IReadOnlyDictionary<string, TorchParameter> parameters, ByteRounding? rounding)
{
    /// <summary>The function of a node.</summary>
    /// <exception cref="Core.Diagnostics.SubpException">SUBP0508 where there is none.</exception>
    public NodeFunction Of(GraphNode node) =>
        node.Operator switch
        {
            Conv2d conv => Convolution(conv),
            Linear linear => Linear(linear),
            BatchNorm norm => Normalisation(norm),
            Activate activate => Activation(activate, OverwritesInput(node)),
            Add add => (x, _) => ActivationFunction.Apply(add.Activation, x[0] + x[1], mayOverwrite: true),
            Mul mul => (x, _) => ActivationFunction.Apply(mul.Activation, x[0] * x[1], mayOverwrite: false),
            Pool2d { Kind: PoolKind.Maximum } pool => MaximumPool(pool.Window),
            Pool2d pool => AveragePooling.Of(pool, network.Graph.ShapeOf(node.Inputs[0]), node.Shape),
            GlobalAveragePool => (x, _) => x[0].mean([2, 3], keepdim: true),
            Flatten => (x, _) => x[0].flatten(1),
            Slice slice => (x, _) => x[0].slice(slice.Axis, slice.Begin, slice.End, slice.Step),
            Concat => (x, _) => cat(x, 1),
            Pad pad => (x, _) => Padded(x[0], pad.Padding, pad.Value),
            ChannelShuffle shuffle => (x, _) => x[0].channel_shuffle(shuffle.Groups),
            _ => throw TrainedNetwork.Untrainable(
                node.Name,
                $"the operator '{node.Operator.Mnemonic}'",
                "an operator that the engine trains, or softmax as the last node"
            ),
        };

    /// <summary>Whether the node puts its result into the memory of its input.</summary>
    public bool OverwritesInput(GraphNode node) =>
        node.Operator is Activate { Activation: var activation }
        && activation == Core.Operators.Activation.Relu
        && node.Inputs[0] != network.Logits
        && network.Graph.ConsumersOf(node.Inputs[0]).Count == 1
        // The backward passes of these do not look at their own results.
        && network.Graph.FindNode(node.Inputs[0])?.Operator is Conv2d or BatchNorm or Add;

    private static NodeFunction Activation(Activate activate, bool mayOverwrite) =>
        (x, _) => ActivationFunction.Apply(activate.Activation, x[0], mayOverwrite);

    private NodeFunction Convolution(Conv2d conv)
    {
        var weight = Weight(conv.Weight);
        var bias = conv.Bias is null ? null : parameters[conv.Bias];
        var window = conv.Window;
        long[] strides = Pair(window.Stride);
        long[] dilation = Pair(window.Dilation);
        bool isEven = IsEven(window.Padding);
        long[] padding = isEven ? [window.Padding.Top, window.Padding.Left] : [0, 0];
        return (x, _) =>
        {
            var image = isEven ? x[0] : Padded(x[0], window.Padding, 0);
            var value = Functional.conv2d(image, weight.Leaf, bias?.Leaf, strides, padding, dilation, conv.Groups);
            return ActivationFunction.Apply(conv.Activation, x.Length == 2 ? value + x[1] : value, mayOverwrite: true);
        };
    }

    private NodeFunction Linear(Linear linear)
    {
        var weight = Weight(linear.Weight);
        var bias = linear.Bias is null ? null : parameters[linear.Bias];
        return (x, _) => ActivationFunction.Apply(linear.Activation, Functional.linear(x[0], weight.Leaf, bias?.Leaf), mayOverwrite: false);
    }

    private TorchParameter Weight(string name)
    {
        var weight = parameters[name];
        if (rounding is not null)
            weight.RoundTo(rounding);
        return weight;
    }

    private NodeFunction Normalisation(BatchNorm norm)
    {
        var (scale, shift) = (parameters[norm.Scale], parameters[norm.Shift]);
        var (mean, variance) = (parameters[norm.Mean], parameters[norm.Variance]);
        return (x, training) =>
            ActivationFunction.Apply(
                norm.Activation,
                Functional.batch_norm(
                    x[0],
                    mean.Values,
                    variance.Values,
                    scale.Leaf,
                    shift.Leaf,
                    training,
                    TrainedNetwork.StatisticsMomentum,
                    norm.Epsilon
                ),
                mayOverwrite: true
            );
    }

    // Padding of its own kind: libtorch takes the same amount on both sides, and no more than half a window.
    private static NodeFunction MaximumPool(Window window)
    {
        bool isEven = IsEven(window.Padding) && IsWithinHalf(window);
        long[] padding = isEven ? [window.Padding.Top, window.Padding.Left] : [0, 0];
        return (x, _) =>
            Functional.max_pool2d(
                isEven ? x[0] : Padded(x[0], window.Padding, float.NegativeInfinity),
                Pair(window.Kernel),
                Pair(window.Stride),
                padding,
                Pair(window.Dilation)
            );
    }

    internal static Tensor Padded(Tensor image, Padding padding, float value) =>
        Functional.pad(image, [padding.Left, padding.Right, padding.Top, padding.Bottom], global::TorchSharp.PaddingModes.Constant, value);

    internal static bool IsEven(Padding padding) => padding.Top == padding.Bottom && padding.Left == padding.Right;

    internal static bool IsWithinHalf(Window window) =>
        window.Padding.Top <= window.Kernel.Height / 2 && window.Padding.Left <= window.Kernel.Width / 2;

    internal static long[] Pair(Extent extent) => [extent.Height, extent.Width];
}
