using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Costs;
using Subp.Compiler.Planning.Scheduling;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.LinearLayers;

/// <summary>A fully connected layer. Tasks: blocks of 16 output features x images; weights [out / 16][in][16].</summary>
/// <param name="Frame">What every step has.</param>
internal sealed record LinearPlan(LayerFrame Frame) : ImagePlan(Frame)
{
    /// <summary>The layer.</summary>
    public required Linear Linear { get; init; }

    /// <summary>The number of input features.</summary>
    public required int InputFeatures { get; init; }

    /// <inheritdoc/>
    public override Activation Activation => Linear.Activation;

    /// <inheritdoc/>
    public override bool WeightsOutweighInput => true;

    /// <inheritdoc/>
    public override void AddFootprint(WorkRange range, SpanList reads, SpanList writes)
    {
        for (var image = range.TileFrom; image < range.TileTo; image++)
        {
            reads.Image(Inputs[0], image);
            writes.OutputRows(Output, image, range.GroupFrom, range.GroupTo, 0, 1);
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<WorkItem> Work(InstructionSet set, MachineDescription machine) =>
        Stream(machine)
            .Add("linear.line", DenseMacs / Node.Shape.Batch * sizeof(float) / (double)WorkList.LineBytes)
            .Add("linear.step", DenseMacs / (double)MachineDescription.Lanes(set))
            .Items;

    /// <inheritdoc/>
    protected override string OperationName => $"linear_{Linear.Activation.Word}";
}
