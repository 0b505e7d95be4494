using Subp.Compiler.Families.Convolutions;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Costs;
using Subp.Compiler.Planning.Values;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;

namespace Subp.Compiler.Families.Winograd;

/// <summary>A convolution in the Winograd domain by one transform.</summary>
/// <param name="choices">The choices of the network.</param>
/// <param name="node">The convolution.</param>
/// <param name="transform">The transform.</param>
/// <param name="isAskedFor">True where a hint asks for it.</param>
internal sealed class WinogradCandidate(KernelChoices choices, GraphNode node, WinogradTransform transform, bool isAskedFor)
    : KernelCandidate
{
    private readonly Conv2d _convolution = (Conv2d)node.Operator;

    /// <summary>The maximum pooling that is computed with the convolution, or null.</summary>
    public Pool2d? Pool { get; init; }

    private Graph Graph => choices.Graph;

    private TensorShape Input => Graph.ShapeOf(node.Inputs[0]);

    private (BlockPattern Pattern, bool IsSparse) Blocks =>
        _convolution.Window.Stride == Extent.One
            ? ConvolutionShapes.PatternOf(Graph, node)
            : (WinogradPhases.PatternOf(Graph, node), IsSparse: false);

    /// <inheritdoc/>
    public override string Name => HintReader.AlgorithmWord(transform);

    /// <inheritdoc/>
    public override double Cycles => CyclesOf(Graph, node, Blocks.Pattern, transform, choices.Options.InstructionSets[0], choices.Machine);

    /// <inheritdoc/>
    public override bool IsAskedFor => isAskedFor;

    /// <summary>
    /// The halo that the input needs: its padding, and zeros below and to the right where the last tiles reach beyond the image.
    /// </summary>
    public override Halo HaloOf(int operand)
    {
        if (operand != 0)
            return Halo.None;
        var (padding, stride) = (_convolution.Window.Padding, _convolution.Window.Stride.Height);
        int Reach(int output) => ((transform.Tiles(output) * transform.OutputSize) + transform.KernelSize - 1) * stride;
        return new Halo(
            padding.Top,
            padding.Left,
            Reach(node.Shape.Height) - padding.Top - Input.Height,
            Reach(node.Shape.Width) - padding.Left - Input.Width
        );
    }

    /// <inheritdoc/>
    public override bool MayWriteOver(int operand) => operand > 0;

    /// <inheritdoc/>
    public override Operator? JoinedWith(GraphNode reader) =>
        _convolution.Window.Stride != Extent.One
        && Pool is null
        && choices.Options.ThreadCounts.All(count => count <= WinogradPool.MostThreads)
        && WinogradPool.KeptBytes(node.Shape, transform) <= choices.Machine.SecondLevelBytes / 2
        && WinogradPool.Of(node, reader, transform) is { } pool
            ? new PooledConv2d { Convolution = _convolution, Pool = pool }
            : null;

    /// <inheritdoc/>
    public override FamilyPlan Plan(FamilyRequest request)
    {
        var weight = Graph.Parameter(_convolution.Weight);
        var (pattern, isSparse) = Blocks;
        var chunkGroups = WinogradBlocking.ChunkGroups(pattern);
        var pixels = (long)node.Shape.Batch * node.Shape.Height * node.Shape.Width;
        var weightFloats = checked(transform.Positions * pattern.KeptBlocks * pattern.BlockLength);
        var tiles = Tiles(node.Shape, transform);
        var tasks = Pool is null ? tiles : node.Shape.Batch * transform.Tiles(node.Shape.Height);
        var frame = request.Frame([.. Enumerable.Range(0, pattern.Groups).Select(group => (double)pattern.Kept(group).Count)], tasks) with
        {
            DenseMacs = pixels * weight.Shape.ElementCount,
            KeptMacs = isSparse ? pixels * pattern.KeptBlocks * pattern.BlockLength * 9 : pixels * weight.Shape.ElementCount,
            DenseReason = isSparse ? null : "the weight has no pruned 1xN blocks",
            ChoiceReason = choices.ReasonOf(node),
        };
        var weights = request.Constants.Add(
            weightFloats,
            (start, length) => new WinogradWeights(start, length, weight, transform, pattern, chunkGroups)
        );
        var bias = request.Constants.AddBias(_convolution.Bias, pattern.OutputChannels);
        return new WinogradPlan(frame)
        {
            Convolution = _convolution,
            Pool = Pool,
            Convolved = node.Shape,
            Pattern = pattern,
            IsSparse = isSparse,
            Transform = transform,
            BlockTiles = BlockTiles(
                pattern,
                (pattern.InputChannels + 15) / 16,
                Pool is null ? tiles : transform.Tiles(node.Shape.Width),
                transform
            ),
            ChunkGroups = chunkGroups,
            Kernels = [.. choices.Options.InstructionSets.Select(set => WinogradKernel.For(set, pattern.BlockLength))],
            StreamsWeights = weightFloats > ConvolutionShapes.StreamedWeights,
            Operands =
            [
                request.Places.OfWindow(node.Inputs[0], _convolution.Window),
                .. Enumerable.Range(1, node.Inputs.Count - 1).Select(request.ImageOperand),
                new OperandPlace(OperandMemory.Constants, weights),
                new OperandPlace(OperandMemory.Constants, bias),
                request.ImageResult,
                new OperandPlace(OperandMemory.Scratch, 0),
            ],
        };
    }

    /// <summary>The predicted cycles of a transform.</summary>
    public static double CyclesOf(
        Graph graph,
        GraphNode node,
        BlockPattern pattern,
        WinogradTransform transform,
        InstructionSet set,
        MachineDescription machine
    )
    {
        var input = graph.ShapeOf(node.Inputs[0]);
        var tiles = Tiles(node.Shape, transform);
        var work = new WinogradWork(
            pattern.Groups,
            pattern.KeptBlocks,
            pattern.BlockLength,
            transform,
            input,
            tiles,
            BlockTiles(pattern, (input.Channels + 15) / 16, tiles, transform),
            WinogradBlocking.ChunkGroups(pattern),
            WinogradKernel.For(set, pattern.BlockLength),
            node.Shape,
            node.Inputs.Count > 1
        );
        return CostModel.Cycles(work.Items(machine), machine);
    }

    private static int BlockTiles(BlockPattern pattern, int channelBlocks, int tiles, WinogradTransform transform) =>
        Math.Min(tiles, WinogradBlocking.BlockTiles(transform, channelBlocks, WinogradBlocking.ChunkGroups(pattern) * pattern.BlockLength));

    private static int Tiles(TensorShape output, WinogradTransform transform) =>
        checked(output.Batch * transform.Tiles(output.Height) * transform.Tiles(output.Width));
}
