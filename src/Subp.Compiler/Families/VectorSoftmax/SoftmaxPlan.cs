using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Costs;
using Subp.Compiler.Planning.Scheduling;

namespace Subp.Compiler.Families.VectorSoftmax;

/// <summary>Softmax over the features of each row. Tasks: 1 x images.</summary>
/// <param name="Frame">What every step has.</param>
internal sealed record SoftmaxPlan(LayerFrame Frame) : ImagePlan(Frame)
{
    /// <inheritdoc/>
    public override void AddFootprint(WorkRange range, SpanList reads, SpanList writes)
    {
        for (var image = range.TileFrom; image < range.TileTo; image++)
        {
            reads.Image(Inputs[0], image);
            writes.Image(Output, image);
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<WorkItem> Work(InstructionSet set, MachineDescription machine) =>
        Stream(machine).Add("softmax.value", Node.Shape.ElementCount).Items;

    /// <inheritdoc/>
    protected override string OperationName => "softmax";
}
