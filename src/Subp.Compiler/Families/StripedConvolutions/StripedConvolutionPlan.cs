using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Costs;
using Subp.Compiler.Planning.Scheduling;
using Subp.Compiler.Planning.Values;
using Subp.Core.Operators;
using Subp.Core.Sparsity;

namespace Subp.Compiler.Families.StripedConvolutions;

/// <summary>
/// A block-sparse convolution of one tap and stride 1 whose operands and result lie in stripes of 16 pixels. Tasks: groups x spans of
/// stripes of all images.
/// </summary>
/// <param name="Frame">What every step has.</param>
internal sealed record StripedConvolutionPlan(LayerFrame Frame) : FamilyPlan(Frame)
{
    /// <summary>The convolution.</summary>
    public required Conv2d Convolution { get; init; }

    /// <summary>The kept input channels per group of N output channels.</summary>
    public required BlockPattern Pattern { get; init; }

    /// <summary>The spans of an image.</summary>
    public required StripeSpans Spans { get; init; }

    /// <summary>True where the weights are so many that they are fetched ahead.</summary>
    public required bool StreamsWeights { get; init; }

    /// <summary>True where each group walks all spans before the next group starts.</summary>
    public bool GroupsOutside => StripedWork.GroupsOutside(Pattern, Inputs[0]!.Shape);

    /// <inheritdoc/>
    public override bool WeightsOutweighInput => GroupsOutside;

    /// <inheritdoc/>
    public override Activation Activation => Convolution.Activation;

    /// <inheritdoc/>
    public override int? ActivationLanes(InstructionSet set) => MachineDescription.Lanes(set);

    /// <inheritdoc/>
    public override double TileCost(int tile) =>
        (double)(Spans.FirstStripe((tile % Spans.Count) + 1) - Spans.FirstStripe(tile % Spans.Count)) / Spans.Longest;

    /// <inheritdoc/>
    public override IReadOnlyList<WorkItem> Work(InstructionSet set, MachineDescription machine) =>
        new StripedWork(Pattern, Inputs[0]!.Shape, Output!.Shape, Inputs.Count > 1, set) { Activation = Activation }.Items(machine);

    /// <inheritdoc/>
    public override void AddFootprint(WorkRange range, SpanList reads, SpanList writes)
    {
        var (channelFrom, channelTo) = (range.GroupFrom * Pattern.BlockLength, range.GroupTo * Pattern.BlockLength);
        for (var tile = range.TileFrom; tile < range.TileTo; tile++)
        {
            var (image, span) = (tile / Spans.Count, tile % Spans.Count);
            var (first, last) = (Spans.FirstStripe(span), Spans.FirstStripe(span + 1));
            reads.Add(Stripes(Inputs[0]!, image, first, last));
            for (var stripe = first; stripe < last; stripe++)
            {
                foreach (var residual in Inputs.Skip(1))
                    reads.Add(Channels(residual!, image, stripe, channelFrom, channelTo));
                writes.Add(Channels(Output!, image, stripe, channelFrom, channelTo));
            }
        }
    }

    /// <inheritdoc/>
    public override string KernelName(InstructionSet instructionSet)
    {
        var tile = StripedTile.Of(instructionSet, Pattern.BlockLength, Spans.Longest);
        return InvariantText.Invariant(
            $"f32_spconv1x1s1stripes_n{Pattern.BlockLength}_t{tile.Channels}x{tile.Vectors}_{Convolution.Activation.Word}_"
                + $"{instructionSet.ToString().ToLowerInvariant()}"
        );
    }

    private static ArenaSpan Stripes(BufferPlan buffer, int image, int first, int last)
    {
        var (start, length) = (buffer.Offset + (image * buffer.BatchStride), StripeLayout.Length(buffer.Shape));
        return new ArenaSpan(start + (first * length), start + (last * length));
    }

    private static ArenaSpan Channels(BufferPlan buffer, int image, int stripe, int from, int to)
    {
        var start = Stripes(buffer, image, stripe, stripe + 1).From;
        return new ArenaSpan(start + (from * StripeLayout.Pixels), start + (to * StripeLayout.Pixels));
    }
}
