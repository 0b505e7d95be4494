using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Costs;
using Subp.Compiler.Planning.Scheduling;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.MatrixProducts;

/// <summary>
/// Products of matrices, many of one shape: two computed values, or a value and a weight that is packed when it is loaded. A task is a few
/// rows of one product.
/// </summary>
/// <param name="Frame">What every step has.</param>
internal sealed record MatrixProductPlan(LayerFrame Frame) : FamilyPlan(Frame)
{
    /// <summary>Columns of the right side that a panel holds: a cache line.</summary>
    public const int PanelColumns = 16;

    /// <summary>Rows of a task.</summary>
    public const int TaskRows = 12;

    /// <summary>The rows of one product.</summary>
    public required int Rows { get; init; }

    /// <summary>The columns of one product.</summary>
    public required int Columns { get; init; }

    /// <summary>The elements of each sum.</summary>
    public required int Inner { get; init; }

    /// <summary>Where the matrices of each product begin: left and right. One entry per product.</summary>
    public required IReadOnlyList<(int Left, int Right)> Products { get; init; }

    /// <summary>The distance of two rows of the right side, and of two panels.</summary>
    public required (int Row, int Panel) RightStrides { get; init; }

    /// <summary>
    /// True where the right side is a weight, in panels of <see cref="PanelColumns"/> columns that are padded with zeros.
    /// </summary>
    public bool IsPacked { get; init; }

    /// <summary>True where a bias is added to every row.</summary>
    public bool HasBias { get; init; }

    /// <summary>The activation of the result.</summary>
    public Activation Applied { get; init; } = Activation.None;

    /// <summary>The tasks of one product.</summary>
    public int TasksPerProduct => ((Rows - 1) / TaskRows) + 1;

    /// <inheritdoc/>
    public override IEnumerable<string> Functions =>
        [
            VectorFunctions.LoadFirst,
            VectorFunctions.StoreFirst,
            .. ActivationText.NeedsFunction(Applied) ? (string[])[VectorFunctions.NameOf(Applied.Kind)] : [],
        ];

    /// <inheritdoc/>
    protected override string OperationName =>
        Applied == Activation.None ? Node.Operator.Mnemonic : $"{Node.Operator.Mnemonic}_{Applied.Word}";

    /// <inheritdoc/>
    public override double TileCost(int tile)
    {
        var first = tile % TasksPerProduct * TaskRows;
        return (double)(Math.Min(Rows, first + TaskRows) - first) / TaskRows;
    }

    /// <inheritdoc/>
    public override void AddFootprint(WorkRange range, SpanList reads, SpanList writes)
    {
        foreach (var input in Inputs)
            reads.Whole(input);
        if (Target.Memory != Planning.Values.OperandMemory.Arena)
            return;
        writes.Add(new ArenaSpan(Target.Number + (FirstRow(range.TileFrom) * Columns), Target.Number + (FirstRow(range.TileTo) * Columns)));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<WorkItem> Work(InstructionSet set, MachineDescription machine)
    {
        var products = (double)Products.Count * Rows * Columns * Inner;
        return new WorkList()
            .Add("layer", 1)
            .AddRead(machine, (double)Products.Count * Rows * Inner * sizeof(float))
            .AddRead(machine, (double)Inner * Columns * sizeof(float))
            .AddWrite(machine, Node.Shape.ElementCount * sizeof(float))
            .Add("linear.step", products / MachineDescription.Lanes(set))
            .Items;
    }

    // The row of the result, over all products, at which a task begins.
    private int FirstRow(int tile) => (tile / TasksPerProduct * Rows) + Math.Min(Rows, tile % TasksPerProduct * TaskRows);
}
