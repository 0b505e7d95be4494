using Subp.Compiler.Planning.Costs;
using Subp.Compiler.Planning.Values;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;

namespace Subp.Compiler.Families.StripedConvolutions;

/// <summary>What a striped convolution does, in the kinds of work of direct kernels: it is one whose lanes are pixels.</summary>
/// <param name="Pattern">The kept input channels per group.</param>
/// <param name="Input">The shape of the input.</param>
/// <param name="Output">The shape of the output.</param>
/// <param name="HasResidual">True where a second input is added.</param>
/// <param name="Set">The instruction set.</param>
internal sealed record StripedWork(BlockPattern Pattern, TensorShape Input, TensorShape Output, bool HasResidual, InstructionSet Set)
{
    /// <summary>The activation.</summary>
    public Activation Activation { get; init; } = Activation.None;

    private double Kept => (double)Pattern.KeptBlocks / Pattern.Groups;

    private double GroupWeightBytes => Kept * Pattern.BlockLength * sizeof(float);

    /// <summary>
    /// The order of loops: groups outside where a layer has more weights than input values, so that each weight is fetched once.
    /// </summary>
    public static bool GroupsOutside(BlockPattern pattern, TensorShape input) =>
        (long)pattern.KeptBlocks * pattern.BlockLength > input.ElementCount;

    /// <summary>The work.</summary>
    public IReadOnlyList<WorkItem> Items(MachineDescription machine)
    {
        var spans = StripeSpans.Of(Output, Pattern.BlockLength);
        var work = new WorkList().Add("layer", 1);
        AddTiles(work, spans.Stripes + 1, spans.Longer, machine);
        AddTiles(work, spans.Stripes, spans.Count - spans.Longer, machine);
        AddInput(work, spans, machine);
        AddWeights(work, Output.Batch * spans.Count, machine);
        return work.AddActivation(Activation, (double)Output.ElementCount / MachineDescription.Lanes(Set)).Items;
    }

    private void AddTiles(WorkList work, int stripes, int spans, MachineDescription machine)
    {
        if (spans == 0)
            return;
        var tile = StripedTile.Of(Set, Pattern.BlockLength, stripes);
        var calls = (double)Output.Batch * spans * (stripes / tile.Stripes) * Pattern.Groups * (Pattern.BlockLength / tile.Channels);
        work.Add("direct.point", calls * Kept * tile.CoreCycles * machine.VectorScale(Set));
        work.Add("direct.load", calls * Kept * tile.Loads);
        work.Add("direct.tile", calls);
        work.Add("direct.store", calls * tile.Sums * (HasResidual ? 2 : 1));
    }

    // A kept channel of a stripe is a cache line, where in blocks of channels each of its pixels is one.
    private void AddInput(WorkList work, StripeSpans spans, MachineDescription machine)
    {
        var stripes = (double)Input.Batch * StripeLayout.StripesOf(Input);
        var wholeBytes = stripes * StripeLayout.Length(Input) * sizeof(float);
        var spanBytes = (double)spans.Longest * StripeLayout.Length(Input) * sizeof(float);
        var again = (GroupsOutside(Pattern, Input) ? wholeBytes : spanBytes) + GroupWeightBytes;
        var outputBytes = stripes * StripeLayout.Length(Output) * sizeof(float);
        work.AddRead(machine, wholeBytes);
        work.AddLines("direct", machine.LevelOf(again), (Pattern.Groups - 1) * stripes * Kept);
        work.AddWrite(machine, outputBytes);
        if (HasResidual)
            work.AddRead(machine, outputBytes);
    }

    private void AddWeights(WorkList work, double tiles, MachineDescription machine)
    {
        var lines = GroupWeightBytes * Pattern.Groups / WorkList.LineBytes;
        work.Add(machine.FirstUse(lines * WorkList.LineBytes, lines * WorkList.LineBytes), lines);
        var held = GroupsOutside(Pattern, Input) ? GroupWeightBytes : GroupWeightBytes * Pattern.Groups;
        work.AddLines("weight", machine.LevelOf(held), lines * (tiles - 1));
    }
}
