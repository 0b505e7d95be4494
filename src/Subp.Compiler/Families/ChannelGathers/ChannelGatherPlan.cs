using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Costs;
using Subp.Compiler.Planning.Scheduling;

namespace Subp.Compiler.Families.ChannelGathers;

/// <summary>
/// Channels of one or more values collected into a new one: concatenations, slices and shuffles whose channels do not line up in whole
/// blocks. Tasks: blocks of 16 channels x rows.
/// </summary>
/// <param name="Frame">What every step has.</param>
internal sealed record ChannelGatherPlan(LayerFrame Frame) : ImagePlan(Frame)
{
    /// <summary>For each output channel the operand and the channel of it that is copied.</summary>
    public required IReadOnlyList<ChannelSource> Sources { get; init; }

    /// <inheritdoc/>
    public override void AddFootprint(WorkRange range, SpanList reads, SpanList writes)
    {
        foreach (var (image, from, to) in RowsOf(range, Output!.Height, 1, Output.Height))
        {
            foreach (var input in Inputs)
                reads.Rows(input!, image, 0, PlanesOf(input!), from, to);
            writes.OutputRows(Output, image, range.GroupFrom, range.GroupTo, from, to);
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<WorkItem> Work(InstructionSet set, MachineDescription machine)
    {
        // Blocks of the operands that a block of the target takes channels from, on average: each is one permutation per pixel.
        var pairs = Sources
            .Select((source, channel) => (Target: channel / 16, source.Input, Block: source.Channel / 16))
            .Distinct()
            .Count();
        return Stream(machine).Add("gather.vector", Vectors(set) * (1 + (pairs / Math.Max(1.0, (Sources.Count + 15) / 16)))).Items;
    }

    /// <inheritdoc/>
    protected override string OperationName => Node.Operator.Mnemonic;
}

/// <summary>Where a channel is copied from.</summary>
/// <param name="Input">The operand.</param>
/// <param name="Channel">The channel of the operand.</param>
internal readonly record struct ChannelSource(int Input, int Channel);
