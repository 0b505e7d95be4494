using Subp.Compiler.Families.Convolutions;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Costs;
using Subp.Compiler.Planning.Values;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;

namespace Subp.Compiler.Families.DirectConvolutions;

/// <summary>A convolution computed directly: its form, tiles and loops are chosen when they are first asked for.</summary>
/// <param name="choices">The choices of the network.</param>
/// <param name="node">The convolution or block-sparse linear layer.</param>
internal sealed class DirectCandidate(KernelChoices choices, GraphNode node) : KernelCandidate
{
    private readonly Conv2d _convolution = ConvolutionShapes.Of(node);
    private readonly LayerHints _hints = LayerHints.Of(choices, node);
    private ConvolutionPlanner.Choice? _choice;

    private Graph Graph => choices.Graph;

    private TensorShape Input => Graph.ShapeOf(node.Inputs[0]);

    private (BlockPattern Pattern, bool IsSparse) Blocks => ConvolutionShapes.PatternOf(Graph, node);

    private int Height => node.Shape.IsImage ? node.Shape.Height : 1;

    private int Width => node.Shape.IsImage ? node.Shape.Width : 1;

    private ConvolutionPlanner.Choice Choice =>
        _choice ??= ConvolutionPlanner.Choose(
            node.Name,
            Blocks.Pattern,
            Blocks.IsSparse,
            _convolution.Window,
            Height,
            Width,
            node.Shape.Batch,
            choices.Options,
            _hints
        );

    private bool GroupOutside =>
        _hints.GroupOutside ?? ConvolutionPlanner.GroupsOutside(Choice.Form, Blocks.Pattern, _convolution.Window, Input);

    // Nothing packs blocks of several groups, and no kernel reads them.
    private BlockPattern? GroupedBlocks => _convolution.Groups > 1 ? Graph.Parameter(_convolution.Weight).Pattern : null;

    /// <inheritdoc/>
    public override string Name => "direct";

    /// <inheritdoc/>
    public override double Cycles
    {
        get
        {
            var kernel = Choice.Kernels[0];
            var pattern = Blocks.Pattern;
            var order = LoopOrder.Of(
                GroupOutside,
                _hints.GroupOutside is not null,
                Choice.Form,
                pattern,
                _convolution.Window,
                node.Shape,
                kernel.Tile,
                choices.Machine
            );
            var work = new DirectWork(
                pattern,
                _convolution.Window,
                Input,
                node.Shape,
                Graph.LayoutOf(node.Inputs[0]) == Layout.Blocked16,
                kernel,
                Choice.Form,
                Choice.BandRows,
                order.GroupOutside,
                node.Inputs.Count > 1,
                _convolution.Activation
            )
            {
                ChunkGroups = order.ChunkGroups,
            };
            return CostModel.Cycles(work.Items(choices.Machine), choices.Machine);
        }
    }

    /// <inheritdoc/>
    public override bool IsAskedFor => _hints.IsDirect;

    /// <inheritdoc/>
    public override Halo HaloOf(int operand)
    {
        var padding = _convolution.Window.Padding;
        return operand == 0 ? new Halo(padding.Top, padding.Left, padding.Bottom, padding.Right) : Halo.None;
    }

    /// <summary>
    /// True for the residual: each element is read once, just before the same element is written. Straight-line code cannot where its last
    /// tile of a row computes some columns twice, or where sums pass through the output before the residual is added; the other forms have
    /// a narrower tile for the end of the row then.
    /// </summary>
    public override bool MayWriteOver(int operand)
    {
        if (operand == 0 || GroupedBlocks is not null)
            return false;
        var pattern = Blocks.Pattern;
        var longestGroup = Enumerable.Range(0, pattern.Groups).Max(group => pattern.Kept(group).Count);
        return Choice.Form != ConvolutionForm.StraightLine
            || Choice.Kernels.All(kernel => node.Shape.Width % kernel.Tile.Columns == 0 && longestGroup <= kernel.SegmentBlocks);
    }

    /// <inheritdoc/>
    /// <exception cref="SubpException">SUBP0602: no kernel exists for the blocks.</exception>
    public override FamilyPlan Plan(FamilyRequest request)
    {
        if (GroupedBlocks is { } grouped)
            throw NoKernelFor(grouped);
        var (pattern, isSparse) = Blocks;
        var weight = Graph.Parameter(_convolution.Weight);
        var taps = _convolution.Window.Kernel.Height * _convolution.Window.Kernel.Width;
        var pixels = (long)node.Shape.Batch * Height * Width;
        var bands = (Height + Choice.BandRows - 1) / Choice.BandRows;
        var weightFloats = (long)pattern.KeptBlocks * pattern.BlockLength * taps;
        var frame = request.Frame(
            [.. Enumerable.Range(0, pattern.Groups).Select(group => (double)pattern.Kept(group).Count)],
            checked(node.Shape.Batch * bands)
        ) with
        {
            DenseMacs = pixels * weight.Shape.ElementCount,
            KeptMacs = isSparse ? pixels * weightFloats : pixels * weight.Shape.ElementCount,
            DenseReason =
                isSparse ? Choice.FormReason
                : _convolution.Groups > 1 ? "a convolution of several groups has no sparse kernel"
                : "the weight has no pruned 1xN blocks",
            ChoiceReason = choices.ReasonOf(node),
        };
        var weights = Source(request, weight, taps, pattern);
        var bias = request.Constants.AddBias(_convolution.Bias, pattern.OutputChannels);
        return new ConvolutionPlan(frame)
        {
            Convolution = _convolution,
            Pattern = pattern,
            IsSparse = isSparse,
            Form = Choice.Form,
            FormReason = Choice.FormReason,
            BandRows = Choice.BandRows,
            Kernels = Choice.Kernels,
            GroupOutside = GroupOutside,
            IsLoopHinted = _hints.GroupOutside is not null,
            StretchBlocks = choices.NeedsExactSums(node) ? SumStretches.BlocksOf(Choice.Form, pattern, _convolution.Window) : null,
            StreamsWeights = weightFloats > ConvolutionShapes.StreamedWeights,
            Operands =
            [
                request.Places.OfWindow(node.Inputs[0], _convolution.Window),
                .. Enumerable.Range(1, node.Inputs.Count - 1).Select(request.ImageOperand),
                weights,
                new OperandPlace(OperandMemory.Constants, bias),
                request.ImageResult,
            ],
        };
    }

    private SubpException NoKernelFor(BlockPattern pattern) =>
        new(
            DiagnosticDescriptors.NoKernelForBlockLength,
            $"layer '{node.Name}'",
            InvariantText.Invariant($"1x{pattern.BlockLength} blocks in a convolution of {_convolution.Groups} groups"),
            "a convolution of one group",
            "Pack the network again: packing makes such a weight dense."
        );

    /// <summary>
    /// Blocks are read as they lie in the file; a dense weight is packed into the same order when the model is loaded.
    /// </summary>
    private OperandPlace Source(FamilyRequest request, Parameter weight, int taps, BlockPattern pattern)
    {
        if (weight.Pattern is not null)
            return StoredBlocks.PlaceOf(request, weight);
        var offset = request.Constants.Add(
            checked(pattern.KeptBlocks * taps * pattern.BlockLength),
            (start, rounded) =>
                new PackedConvolution(
                    start,
                    rounded,
                    weight.Name,
                    weight.Pattern,
                    weight.Shape[0],
                    weight.Shape[1],
                    taps,
                    _convolution.Groups,
                    pattern.BlockLength
                )
        );
        return new OperandPlace(OperandMemory.Constants, offset);
    }
}
