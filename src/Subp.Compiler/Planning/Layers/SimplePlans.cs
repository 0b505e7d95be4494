using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Planning.Layers;

/// <summary>
/// A step whose kernel needs no choices: its name is <c>f32_op_activation_isa</c>. Tasks of image steps: blocks of 16 channels x rows of all
/// images; tasks of vector steps: blocks of 16 features x images.
/// </summary>
/// <param name="Frame">What every step has.</param>
public abstract record SimplePlan(LayerFrame Frame) : LayerPlan(Frame)
{
    /// <summary>The operation part of the kernel name, for example <c>maxpool3x3s2</c>.</summary>
    protected abstract string OperationName { get; }

    /// <inheritdoc/>
    public override string KernelName(InstructionSet instructionSet) => $"f32_{OperationName}_{instructionSet.ToString().ToLowerInvariant()}";
}

/// <summary>A copy between layouts: the caller's dense NCHW to planar or blocked, blocked or padded vectors to dense NCHW, and flattening.</summary>
/// <param name="Frame">What every step has.</param>
public sealed record CopyPlan(LayerFrame Frame) : SimplePlan(Frame)
{
    /// <summary>The shape that is copied, before flattening.</summary>
    public required TensorShape Shape { get; init; }

    /// <inheritdoc/>
    protected override string OperationName => $"copy_{LayoutWord(Inputs[0])}_to_{LayoutWord(Output)}";

    private static string LayoutWord(BufferPlan? buffer) => (buffer?.Layout ?? Layout.Nchw).ToString().ToLowerInvariant();
}

/// <summary>A depthwise convolution, one filter per channel: lanes are channels, weights [block][tap][16].</summary>
/// <param name="Frame">What every step has.</param>
public sealed record DepthwisePlan(LayerFrame Frame) : SimplePlan(Frame)
{
    /// <summary>The convolution.</summary>
    public required Conv2d Convolution { get; init; }

    /// <summary>The offset of the weights in the constants.</summary>
    public required int WeightsOffset { get; init; }

    /// <summary>The offset of the bias in the constants.</summary>
    public required int BiasOffset { get; init; }

    /// <inheritdoc/>
    protected override string OperationName => FormattableString.Invariant(
        $"dwconv{Convolution.Window.Kernel.Height}x{Convolution.Window.Kernel.Width}s{Convolution.Window.Stride.Height}_{Convolution.Activation.Word}");
}

/// <summary>Maximum or average pooling over windows that are cut at the image's edge.</summary>
/// <param name="Frame">What every step has.</param>
public sealed record PoolPlan(LayerFrame Frame) : SimplePlan(Frame)
{
    /// <summary>The pooling.</summary>
    public required Pool2d Pool { get; init; }

    /// <inheritdoc/>
    protected override string OperationName => FormattableString.Invariant(
        $"{(Pool.Kind == PoolKind.Maximum ? "maxpool" : "avgpool")}{Pool.Window.Kernel.Height}x{Pool.Window.Kernel.Width}s{Pool.Window.Stride.Height}");
}

/// <summary>The mean of every channel plane. Tasks: blocks of 16 channels x images.</summary>
/// <param name="Frame">What every step has.</param>
public sealed record GlobalPoolPlan(LayerFrame Frame) : SimplePlan(Frame)
{
    /// <inheritdoc/>
    protected override string OperationName => "globalavgpool";
}

/// <summary>A fully connected layer. Tasks: blocks of 16 output features x images; weights [out / 16][in][16].</summary>
/// <param name="Frame">What every step has.</param>
public sealed record LinearPlan(LayerFrame Frame) : SimplePlan(Frame)
{
    /// <summary>The layer.</summary>
    public required Linear Linear { get; init; }

    /// <summary>The number of input features.</summary>
    public required int InputFeatures { get; init; }

    /// <summary>The offset of the weights in the constants.</summary>
    public required int WeightsOffset { get; init; }

    /// <summary>The offset of the bias in the constants.</summary>
    public required int BiasOffset { get; init; }

    /// <inheritdoc/>
    protected override string OperationName => $"linear_{Linear.Activation.Word}";
}

/// <summary>Softmax over the features of each row. Tasks: 1 x images.</summary>
/// <param name="Frame">What every step has.</param>
public sealed record SoftmaxPlan(LayerFrame Frame) : SimplePlan(Frame)
{
    /// <inheritdoc/>
    protected override string OperationName => "softmax";
}

/// <summary>An element-wise step that could not be fused: addition, clamp or batch normalisation.</summary>
/// <param name="Frame">What every step has.</param>
public sealed record ElementwisePlan(LayerFrame Frame) : SimplePlan(Frame)
{
    /// <summary>What is computed: <see cref="Add"/>, <see cref="Clip"/> or <see cref="BatchNorm"/>.</summary>
    public required Operator Operator { get; init; }

    /// <summary>Batch normalisation only: the offset of the factors in the constants.</summary>
    public int FactorsOffset { get; init; }

    /// <summary>The clamp of the result.</summary>
    public Activation Activation => Operator switch
    {
        Add add => add.Activation,
        Clip clip => clip.Activation,
        _ => Activation.None,
    };

    /// <inheritdoc/>
    protected override string OperationName => Operator switch
    {
        Add add => $"add_{add.Activation.Word}",
        Clip clip => clip.Activation.Word,
        _ => "batchnorm",
    };
}
