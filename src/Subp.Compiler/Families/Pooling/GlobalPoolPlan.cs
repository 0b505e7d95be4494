using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Costs;
using Subp.Compiler.Planning.Scheduling;

namespace Subp.Compiler.Families.Pooling;

/// <summary>The mean of every channel plane. Tasks: blocks of 16 channels x images.</summary>
/// <param name="Frame">What every step has.</param>
internal sealed record GlobalPoolPlan(LayerFrame Frame) : ImagePlan(Frame)
{
    /// <inheritdoc/>
    public override void AddFootprint(WorkRange range, SpanList reads, SpanList writes)
    {
        for (var image = range.TileFrom; image < range.TileTo; image++)
        {
            reads.Rows(Inputs[0]!, image, range.GroupFrom, range.GroupTo, 0, Inputs[0]!.Height);
            writes.OutputRows(Output!, image, range.GroupFrom, range.GroupTo, 0, 1);
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<WorkItem> Work(InstructionSet set, MachineDescription machine) =>
        Stream(machine).Add("mean.vector", (double)Inputs[0]!.Shape.ElementCount / MachineDescription.Lanes(set)).Items;

    /// <inheritdoc/>
    protected override string OperationName => "globalavgpool";
}
