using Subp.Compiler.Planning.Convolutions;
using Subp.Compiler.Planning.Layers;
using Subp.Compiler.Planning.Winograd;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;
using Subp.Core.Storage;

namespace Subp.Compiler.Planning;

/// <summary>Chooses the kernel of every node and collects the constants the kernels need.</summary>
internal sealed class LayerPlanner(Graph source, Graph graph, ArenaPlanner arena, ConstantsBuilder constants, ConvolutionChoices choices)
{
    private readonly WeightFileLayout _weights = WeightFileLayout.Of(source);
    private readonly ValuePlaces _places = new(graph, arena, constants);
    private readonly List<LayerPlan> _layers = [];

    /// <summary>The steps of the network in order; values that share memory with their input need none.</summary>
    public IReadOnlyList<LayerPlan> PlanAll()
    {
        foreach (var node in graph.Nodes)
        {
            // A parameter that nodes read as a value is copied when weights are loaded.
            var isConstant = node.Operator is Constant && !graph.IsOutput(node.Name);
            if (!arena.IsAlias(node.Name) && !isConstant)
                _layers.Add(
                    KernelFamilies.Plan(new FamilyRequest(graph, node, _places, constants, (costs, tiles) => Frame(node, costs, tiles)))
                        ?? Plan(node)
                );
        }

        return _layers;
    }

    private LayerPlan Plan(GraphNode node) =>
        node.Operator switch
        {
            Conv2d { Groups: > 1 } convolution when graph.Parameter(convolution.Weight).Pattern is { } pattern => throw GroupedBlocks(
                node,
                convolution,
                pattern
            ),
            Conv2d convolution when IsDepthwise(node, convolution) => Depthwise(node, convolution),
            Conv2d convolution when choices.WinogradOf(node) is { } transform => Winograd(node, convolution, transform),
            Conv2d convolution => Convolution(node, convolution),
            Linear linear when graph.Parameter(linear.Weight).Pattern is { } pattern => SparseLinear(node, linear, pattern),
            Linear linear => DenseLinear(node, linear),
            Pool2d pool => new PoolPlan(RowTasks(node)) { Pool = pool },
            GlobalAveragePool => new GlobalPoolPlan(ImageTasks(node)),
            Softmax => new SoftmaxPlan(Frame(node, [1], node.Shape.Batch)),
            ChangeLayout or Flatten => Copy(node, graph.ShapeOf(node.Inputs[0])),
            // The side that is not the one dense vector says what lies where; see LowerReshape.
            Reshape => Copy(node, node.Shape is { IsVector: true, Batch: 1 } ? graph.ShapeOf(node.Inputs[0]) : node.Shape),
            BatchNorm normalization => new ElementwisePlan(RowTasks(node))
            {
                Operator = normalization,
                FactorsOffset = Factors(normalization, node.Shape.Channels),
            },
            Add or Mul or Activate => new ElementwisePlan(RowTasks(node)) { Operator = node.Operator },
            Concat or ChannelShuffle or Slice { Axis: 1 } => new ChannelGatherPlan(RowTasks(node))
            {
                Sources = ChannelSources.Of(graph, node),
            },
            Slice slice when node.Shape.IsImage => new WindowCopyPlan(RowTasks(node))
            {
                Begin = slice.Axis == 2 ? new Extent(slice.Begin, 0) : new Extent(0, slice.Begin),
                Step = slice.Axis == 2 ? new Extent(slice.Step, 1) : new Extent(1, slice.Step),
            },
            Pad pad => new WindowCopyPlan(RowTasks(node))
            {
                Begin = new Extent(-pad.Padding.Top, -pad.Padding.Left),
                Step = Extent.One,
                Value = pad.Value,
            },
            _ => throw NoKernel(node, $"the operator {node.Operator.Mnemonic}"),
        };

    private static SubpException NoKernel(GraphNode node, string found) =>
        new(
            DiagnosticDescriptors.NoKernelForOperator,
            $"layer '{node.Name}'",
            found,
            "an operator that the compiler has kernels for",
            "Run the network with the reference interpreter, or replace the layer."
        );

    private static SubpException GroupedBlocks(GraphNode node, Conv2d convolution, BlockPattern pattern) =>
        new(
            DiagnosticDescriptors.NoKernelForBlockLength,
            $"layer '{node.Name}'",
            InvariantText.Invariant($"1x{pattern.BlockLength} blocks in a convolution of {convolution.Groups} groups"),
            "a convolution of one group",
            "Pack the network again: packing makes such a weight dense."
        );

    private bool IsDepthwise(GraphNode node, Conv2d convolution) =>
        convolution.Groups > 1
        && node.Inputs.Count == 1
        && convolution.Groups == node.Shape.Channels
        && convolution.Groups == graph.ShapeOf(node.Inputs[0]).Channels;

    private ConvolutionPlan Convolution(GraphNode node, Conv2d convolution)
    {
        var (pattern, isSparse) = choices.PatternOf(node, convolution);
        return Convolution(node, convolution, graph.Parameter(convolution.Weight), pattern, isSparse, node.Shape.Height, node.Shape.Width);
    }

    private ConvolutionPlan Convolution(
        GraphNode node,
        Conv2d convolution,
        Parameter weight,
        BlockPattern pattern,
        bool isSparse,
        int height,
        int width
    )
    {
        var choice = choices.Of(node, pattern, isSparse, convolution.Window, height, width);
        var taps = convolution.Window.Kernel.Height * convolution.Window.Kernel.Width;
        var pixels = (long)node.Shape.Batch * height * width;
        var bands = (height + choice.BandRows - 1) / choice.BandRows;
        var weightFloats = (long)pattern.KeptBlocks * pattern.BlockLength * taps;
        return new ConvolutionPlan(
            Frame(
                node,
                [.. Enumerable.Range(0, pattern.Groups).Select(group => (double)pattern.Kept(group).Count)],
                checked(node.Shape.Batch * bands)
            ) with
            {
                DenseMacs = pixels * weight.Shape.ElementCount,
                KeptMacs = isSparse ? pixels * weightFloats : pixels * weight.Shape.ElementCount,
                DenseReason =
                    isSparse ? choice.FormReason
                    : convolution.Groups > 1 ? "a convolution of several groups has no sparse kernel"
                    : "the weight has no pruned 1xN blocks",
                ChoiceReason = choices.ReasonOf(node),
            }
        )
        {
            Convolution = convolution,
            Pattern = pattern,
            IsSparse = isSparse,
            Form = choice.Form,
            FormReason = choice.FormReason,
            BandRows = choice.BandRows,
            Kernels = choice.Kernels,
            GroupOutside =
                choices.LoopOf(node)
                ?? ConvolutionPlanner.GroupsOutside(choice.Form, pattern, convolution.Window, graph.ShapeOf(node.Inputs[0])),
            StreamsWeights = weightFloats > WinogradBlocking.StreamedWeights,
            Weights = Source(weight, convolution.Groups, taps, pattern),
            BiasOffset = constants.AddBias(convolution.Bias, pattern.OutputChannels),
        };
    }

    private WinogradPlan Winograd(GraphNode node, Conv2d convolution, WinogradTransform transform)
    {
        var weight = graph.Parameter(convolution.Weight);
        var (pattern, isSparse) = choices.PatternOf(node, convolution);
        var chunkGroups = WinogradBlocking.ChunkGroups(pattern);
        var pixels = (long)node.Shape.Batch * node.Shape.Height * node.Shape.Width;
        var weightFloats = checked(transform.Positions * pattern.KeptBlocks * pattern.BlockLength);
        return new WinogradPlan(
            Frame(
                node,
                [.. Enumerable.Range(0, pattern.Groups).Select(group => (double)pattern.Kept(group).Count)],
                WinogradChoice.Tiles(node.Shape, transform)
            ) with
            {
                DenseMacs = pixels * weight.Shape.ElementCount,
                KeptMacs = isSparse ? pixels * pattern.KeptBlocks * pattern.BlockLength * 9 : pixels * weight.Shape.ElementCount,
                DenseReason = isSparse ? null : "the weight has no pruned 1xN blocks",
                ChoiceReason = choices.ReasonOf(node),
            }
        )
        {
            Convolution = convolution,
            Pattern = pattern,
            IsSparse = isSparse,
            Transform = transform,
            BlockTiles = Math.Min(
                WinogradChoice.Tiles(node.Shape, transform),
                WinogradBlocking.BlockTiles(transform, arena.Buffer(node.Inputs[0])!.ChannelBlocks, chunkGroups * pattern.BlockLength)
            ),
            ChunkGroups = chunkGroups,
            Kernels = [.. choices.InstructionSets.Select(set => WinogradKernel.For(set, pattern.BlockLength))],
            WeightsOffset = constants.Add(
                weightFloats,
                (start, length) => new WinogradWeights(start, length, weight.Name, transform, pattern, chunkGroups)
            ),
            BiasOffset = constants.AddBias(convolution.Bias, pattern.OutputChannels),
            StreamsWeights = weightFloats > WinogradBlocking.StreamedWeights,
        };
    }

    /// <summary>Blocks are read as they lie in the file; a dense weight is packed into the same order when the model is loaded.</summary>
    private WeightSource Source(Parameter weight, int groups, int taps, BlockPattern pattern)
    {
        if (weight.Pattern is not null)
            return new WeightSource(weight.Name, _weights.Tensor(weight.Name).Offset, ConstantsOffset: null);
        var length = checked(pattern.KeptBlocks * taps * pattern.BlockLength);
        var offset = constants.Add(
            length,
            (start, rounded) =>
                new PackedConvolution(start, rounded, weight.Name, weight.Shape[0], weight.Shape[1], taps, groups, pattern.BlockLength)
        );
        return new WeightSource(weight.Name, FileOffset: null, offset);
    }

    private DepthwisePlan Depthwise(GraphNode node, Conv2d convolution)
    {
        var taps = convolution.Window.Kernel.Height * convolution.Window.Kernel.Width;
        var channels = node.Shape.Channels;
        var macs = (long)node.Shape.ElementCount * taps;
        return new DepthwisePlan(
            RowTasks(node) with
            {
                DenseMacs = macs,
                KeptMacs = macs,
                DenseReason = "a depthwise convolution has one input channel per output",
            }
        )
        {
            Convolution = convolution,
            WeightsOffset = constants.Add(
                checked(BufferPlanner.RoundUp(channels) * taps),
                (start, length) => new PackedDepthwise(start, length, convolution.Weight, channels, taps)
            ),
            BiasOffset = constants.AddBias(convolution.Bias, channels),
        };
    }

    private LinearPlan DenseLinear(GraphNode node, Linear linear)
    {
        var weight = graph.Parameter(linear.Weight).Shape;
        var macs = (long)node.Shape.Batch * weight.ElementCount;
        return new LinearPlan(
            ImageTasks(node) with
            {
                DenseMacs = macs,
                KeptMacs = macs,
                DenseReason = "the weight has no pruned 1xN blocks",
            }
        )
        {
            Linear = linear,
            InputFeatures = weight[1],
            WeightsOffset = constants.Add(
                checked(BufferPlanner.RoundUp(weight[0]) * weight[1]),
                (start, length) => new PackedLinear(start, length, linear.Weight, weight[0], weight[1])
            ),
            BiasOffset = constants.AddBias(linear.Bias, weight[0]),
        };
    }

    private ConvolutionPlan SparseLinear(GraphNode node, Linear linear, BlockPattern pattern)
    {
        var convolution = new Conv2d
        {
            Weight = linear.Weight,
            Bias = linear.Bias,
            Window = Window.Square(1),
            Activation = linear.Activation,
        };
        return Convolution(node, convolution, graph.Parameter(linear.Weight), pattern, isSparse: !pattern.IsFull, height: 1, width: 1);
    }

    private int Factors(BatchNorm normalization, int channels) =>
        constants.Add(
            2 * BufferPlanner.RoundUp(channels),
            (start, length) =>
                new BatchNormFactors(
                    start,
                    length,
                    normalization.Scale,
                    normalization.Shift,
                    normalization.Mean,
                    normalization.Variance,
                    normalization.Epsilon,
                    channels
                )
        );

    private LayerFrame RowTasks(GraphNode node) =>
        Frame(node, Blocks(node.Shape.Channels), node.Shape.Batch * (node.Shape.IsImage ? node.Shape.Height : 1));

    private LayerFrame ImageTasks(GraphNode node) => Frame(node, Blocks(node.Shape.Channels), node.Shape.Batch);

    private CopyPlan Copy(GraphNode node, TensorShape shape) =>
        new(Frame(node, Blocks(shape.Channels), shape.Batch * (shape.IsImage ? shape.Height : 1))) { Shape = shape };

    private static double[] Blocks(int channels) => [.. Enumerable.Repeat(1.0, BufferPlanner.RoundUp(channels) / BufferPlanner.Block)];

    private LayerFrame Frame(GraphNode node, IReadOnlyList<double> groupCosts, int tiles) =>
        new()
        {
            Index = _layers.Count,
            Node = node,
            Inputs = [.. node.Inputs.Select(arena.Buffer)],
            Output = arena.Buffer(node.Name),
            GroupCosts = groupCosts,
            TaskTiles = tiles,
            MethodStem = Naming.MethodStem(_layers.Count, node.Name),
        };
}
