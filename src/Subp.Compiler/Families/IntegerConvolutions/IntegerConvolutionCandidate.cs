using Subp.Compiler.Families.Bytes;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Values;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.IntegerConvolutions;

/// <summary>The one way to compute a convolution or linear layer of bytes; hints say how its work is cut.</summary>
/// <param name="choices">The choices of the network.</param>
/// <param name="node">The layer.</param>
internal sealed class IntegerConvolutionCandidate(KernelChoices choices, GraphNode node) : KernelCandidate
{
    private readonly IntegerHints _hints = IntegerHints.Of(choices, node);

    /// <inheritdoc/>
    public override string Name => node.Operator.Mnemonic;

    /// <inheritdoc/>
    public override double Cycles => 0;

    /// <inheritdoc/>
    /// <exception cref="SubpException">SUBP0602: no kernel exists for the blocks. SUBP0605: a hint does not fit.</exception>
    public override FamilyPlan Plan(FamilyRequest request) =>
        node.Operator is Conv2d convolution
            ? Plan(
                request,
                convolution.Weight,
                convolution.WeightScale!,
                convolution.Bias,
                convolution.Activation,
                convolution.Window,
                convolution.Groups
            )
            : Plan(request, (Linear)node.Operator);

    private FamilyPlan Plan(FamilyRequest request, Linear linear) =>
        Plan(request, linear.Weight, linear.WeightScale!, linear.Bias, linear.Activation, Window.Square(1), channelGroups: 1);

    private FamilyPlan Plan(
        FamilyRequest request,
        string weightName,
        string scales,
        string? bias,
        Activation activation,
        Window window,
        int channelGroups
    )
    {
        var graph = request.Graph;
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
        var rows = _hints.BandRowsOf(node, output) ?? BandSize.RowsOf(window, input, output, places);
        var pixels = (long)output.Batch * output.Height * output.Width;
        var isSparse = weight.Pattern is { IsFull: false };
        var residual = node.Inputs.Count > 1 ? graph.TypeOf(node.Inputs[1]).Quantization : null;
        var plan = new IntegerConvolutionPlan(
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
                ChoiceReason = choices.ReasonOf(node),
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
            Hints = _hints,
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
        _hints.CheckTiles(plan, choices.Options.InstructionSets);
        return plan;
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
}
