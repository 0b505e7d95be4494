using Subp.Compiler.Emission;
using Subp.Compiler.Families.Bytes;
using Subp.Compiler.Families.IntegerDepthwise;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Values;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.IntegerConvolutions;

/// <summary>Convolutions, dense, sparse and grouped, and linear layers, from bytes to bytes.</summary>
internal sealed class IntegerConvolutionFamily : ByteFamily<IntegerConvolutionPlan>
{
    /// <summary>Scratch memory that stays near the processor while all groups read it, in bytes.</summary>
    private const int BandBytes = 48 * 1024;

    /// <summary>
    /// Input that stays in the first-level cache while each group takes its channels from it, in bytes. Pixels that a stride skips count:
    /// nothing else that the layer reads often lies in their sets of the cache.
    /// </summary>
    private const int SourceBytes = 30 * 1024;

    /// <inheritdoc/>
    public override bool Accepts(Graph graph, GraphNode node) =>
        graph.TypeOf(node.Inputs.Count > 0 ? node.Inputs[0] : node.Name).Quantization is not null
        && node.Operator switch
        {
            Conv2d convolution => !IntegerDepthwiseFamily.IsDepthwise(graph, node, convolution),
            Linear => node.Shape.IsVector,
            _ => false,
        };

    /// <inheritdoc/>
    public override bool WritesDense(Graph graph, GraphNode node) => node.Type.Quantization is null;

    /// <inheritdoc/>
    public override FamilyPlan Plan(FamilyRequest request) =>
        request.Node.Operator is Conv2d convolution
            ? Plan(
                request,
                convolution.Weight,
                convolution.WeightScale!,
                convolution.Bias,
                convolution.Activation,
                convolution.Window,
                convolution.Groups
            )
            : Plan(request, (Linear)request.Node.Operator);

    /// <inheritdoc/>
    public override void WriteTables(CSharpWriter writer, FamilyPlan plan)
    {
        if (plan is IntegerConvolutionPlan { IsGathered: true } convolution)
            ChannelTable.Write(writer, convolution);
    }

    /// <inheritdoc/>
    protected override void Write(CSharpWriter writer, IntegerConvolutionPlan plan, InstructionSet set) =>
        new IntegerConvolutionWriter(plan, set).Write(writer);

    private static FamilyPlan Plan(FamilyRequest request, Linear linear) =>
        Plan(request, linear.Weight, linear.WeightScale!, linear.Bias, linear.Activation, Window.Square(1), channelGroups: 1);

    private static FamilyPlan Plan(
        FamilyRequest request,
        string weightName,
        string scales,
        string? bias,
        Activation activation,
        Window window,
        int channelGroups
    )
    {
        var (graph, node) = (request.Graph, request.Node);
        var weight = graph.Parameter(weightName);
        var (input, output) = (Image(request.InputShape(0)), Image(node.Shape));
        var pattern = PatternOf(node, weight, input.Channels, output.Channels, channelGroups);
        var (inputType, outputType) = (graph.TypeOf(node.Inputs[0]).Quantization!, node.Type.Quantization);
        var roundedFirst = (node.Operator as Conv2d)?.RoundedFirst;
        var places = IntegerLayerPlaces.Of(pattern, window, input.Channels);
        var constants = request.Constants.Add(
            ByteLayout.Floats(places.Length),
            (start, length) =>
                new IntegerLayerConstants(start, length)
                {
                    Layer = node.Name,
                    Weight = weightName,
                    WeightBits = weight.Bits,
                    Scales = scales,
                    Bias = bias,
                    Places = places,
                    Table = pattern.IsFull ? null : ChannelTable.Name(request),
                    Kept = [.. Enumerable.Range(0, pattern.Groups).Select(group => pattern.Kept(group).Count)],
                    BlockLength = pattern.BlockLength,
                    IsBlocked = weight.Pattern is not null,
                    Outputs = output.Channels,
                    Inputs = input.Channels,
                    ChannelGroups = channelGroups,
                    Quantization = (inputType.Scale, inputType.ZeroPoint, (roundedFirst ?? outputType)?.Scale ?? 1),
                }
        );
        var rows = BandRowsOf(window, input, output, places);
        var pixels = (long)output.Batch * output.Height * output.Width;
        var isSparse = weight.Pattern is { IsFull: false };
        var residual = node.Inputs.Count > 1 ? graph.TypeOf(node.Inputs[1]).Quantization : null;
        return new IntegerConvolutionPlan(
            request.Frame([.. Enumerable.Repeat(1.0, pattern.Groups)], checked(output.Batch * ((output.Height + rows - 1) / rows))) with
            {
                DenseMacs = pixels * weight.Shape.ElementCount,
                KeptMacs =
                    pixels
                    * (
                        isSparse
                            ? (long)pattern.KeptBlocks * pattern.BlockLength * window.Kernel.Height * window.Kernel.Width
                            : weight.Shape.ElementCount
                    ),
                DenseReason =
                    isSparse ? null
                    : channelGroups > 1 ? "a convolution of several groups has no sparse kernel"
                    : "the weight has no pruned 1xN blocks",
            }
        )
        {
            Window = window,
            Pattern = pattern,
            InputShape = input,
            OutputShape = output,
            Pitch = (ByteLayout.ChannelPitch(request.InputShape(0)), ByteLayout.ChannelPitch(node.Shape)),
            Places = places,
            BandRows = rows,
            WeightBits = weight.Bits,
            InputZero = inputType.ZeroPoint,
            Placement = Placed(activation, outputType),
            FloatActivation = outputType is null ? activation : null,
            Residual = residual is null ? null : (residual.ZeroPoint, IntegerLayer.Ratio(residual, outputType!)),
            RoundedFirst = roundedFirst is null
                ? null
                : (Placed(Activation.None, roundedFirst), IntegerLayer.Ratio(roundedFirst, outputType!)),
            ActivationWord = activation == Activation.None ? null : activation.Word,
            Operands =
            [
                .. request.Operands.Take(request.Operands.Count - 1),
                new OperandPlace(OperandMemory.Constants, constants),
                new OperandPlace(OperandMemory.Scratch, 0),
                request.Operands[request.Operands.Count - 1],
            ],
        };
    }

    private static Placement Placed(Activation activation, Quantization? result)
    {
        if (result is null)
            return default;
        var (low, high) = IntegerLayer.Bounds(activation, result);
        return new Placement(result.ZeroPoint, low, high);
    }

    // The features of all images are the pixels of one row.
    private static TensorShape Image(TensorShape shape) => shape.IsImage ? shape : new TensorShape(1, shape.Channels, 1, shape.Batch);

    private static BlockPattern PatternOf(GraphNode node, Parameter weight, int inputs, int outputs, int channelGroups)
    {
        if (weight.Pattern is { } pattern)
        {
            if (pattern.BlockLength % 4 != 0 || channelGroups > 1)
                throw new SubpException(
                    DiagnosticDescriptors.NoKernelForBlockLength,
                    $"layer '{node.Name}'",
                    Invariant($"1x{pattern.BlockLength} blocks in an integer layer of {channelGroups} groups"),
                    "a block length that is a multiple of 4 and one group",
                    "Make the weight dense, or leave the layer in floats."
                );
            return pattern;
        }

        // Two vectors of outputs share what is read of the input.
        var lanes = channelGroups == 1 && outputs % (2 * IntegerConvolutionPlan.Lanes) == 0 ? 32 : IntegerConvolutionPlan.Lanes;
        var (outputsPerGroup, inputsPerGroup) = (outputs / channelGroups, inputs / channelGroups);
        var kept = new List<IReadOnlyList<int>>();
        for (var first = 0; first < outputs; first += lanes)
        {
            var (from, to) = (first / outputsPerGroup, (Math.Min(first + lanes, outputs) - 1) / outputsPerGroup);
            kept.Add([.. Enumerable.Range(from * inputsPerGroup, (to - from + 1) * inputsPerGroup)]);
        }

        return new BlockPattern(lanes, inputs, kept);
    }

    private static int BandRowsOf(Window window, TensorShape input, TensorShape output, IntegerLayerPlaces places)
    {
        var columns = BandGeometry.Columns(window, input.Width).Positions(output.Width);
        var geometry = BandGeometry.Rows(window, input.Height);
        var most = output.Height;
        while (most > 1 && geometry.Positions(most) * (long)columns * places.Quads * 4 * sizeof(short) > BandBytes)
            most--;
        if (window.Kernel == Extent.One && places.Permutations > 0)
        {
            while (most > 1 && most * output.Width * window.Stride.Width * input.Channels > SourceBytes)
                most--;
        }

        var bands = (output.Height + most - 1) / most;
        return (output.Height + bands - 1) / bands;
    }
}
