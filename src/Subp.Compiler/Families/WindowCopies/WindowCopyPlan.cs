using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Costs;
using Subp.Compiler.Planning.Scheduling;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.WindowCopies;

/// <summary>
/// A copy of rows and columns: pixel (y, x) of the output is pixel (y * step + begin) of the input along both axes, or a constant where
/// that lies outside. Slices begin inside, paddings before the image. Enlargements repeat every pixel instead, and have the input's
/// pixel (y / repeat).
/// </summary>
/// <param name="Frame">What every step has.</param>
internal sealed record WindowCopyPlan(LayerFrame Frame) : ImagePlan(Frame)
{
    /// <summary>The row and column of the input at the first pixel; negative for padding.</summary>
    public Extent Begin { get; init; }

    /// <summary>The distance of two rows or columns that are copied.</summary>
    public Extent Step { get; init; } = Extent.One;

    /// <summary>How often a row and a column of the input is copied, one after the other; where it is not 1, all are copied.</summary>
    public Extent Repeat { get; init; } = Extent.One;

    /// <summary>What lies outside the input.</summary>
    public float Value { get; init; }

    /// <inheritdoc/>
    public override void AddFootprint(WorkRange range, SpanList reads, SpanList writes)
    {
        foreach (var (image, from, to) in RowsOf(range, Output!.Height, 1, Output.Height))
        {
            reads.Rows(Inputs[0]!, image, range.GroupFrom, range.GroupTo, LineOf(from), LineOf(to - 1) + 1);
            writes.OutputRows(Output, image, range.GroupFrom, range.GroupTo, from, to);
        }
    }

    private int LineOf(int row) => (row / Repeat.Height * Step.Height) + Begin.Height;

    /// <inheritdoc/>
    public override IReadOnlyList<WorkItem> Work(InstructionSet set, MachineDescription machine) =>
        Stream(machine).Add("element.vector", Vectors(set) * (1 + Inputs.Count)).Items;

    /// <inheritdoc/>
    protected override string OperationName => Node.Operator.Mnemonic;
}
