using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Emission.Runtime;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Costs;
using Subp.Compiler.Planning.Scheduling;

namespace Subp.Compiler.Families.Copies;

/// <summary>
/// Elements of one or more values in other places: a list of pieces that cover the result. The tasks of all pieces are one line.
/// </summary>
/// <param name="Frame">What every step has.</param>
internal sealed record DenseCopyPlan(LayerFrame Frame) : FamilyPlan(Frame)
{
    /// <summary>The pieces, in the order of their tasks.</summary>
    public required IReadOnlyList<CopyPiece> Pieces { get; init; }

    /// <summary>True where the elements are bytes.</summary>
    public bool IsBytes { get; init; }

    /// <summary>What is written where no element is copied.</summary>
    public float Constant { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<string> Functions => IsBytes ? [] : [VectorFunctions.LoadFirst, VectorFunctions.StoreFirst];

    /// <inheritdoc/>
    protected override string OperationName => Node.Operator.Mnemonic;

    /// <summary>The type of an element in C#.</summary>
    public string Element => IsBytes ? "byte" : "float";

    /// <summary>The constant in C#.</summary>
    public string ConstantText => IsBytes ? CSharpText.Number((int)Constant) : CSharpText.Literal(Constant);

    /// <summary>The piece that a task belongs to.</summary>
    public CopyPiece PieceOf(int tile) => Pieces.Last(piece => piece.FirstTile <= tile);

    /// <inheritdoc/>
    public override string KernelName(InstructionSet instructionSet) =>
        IsBytes ? $"u8_{OperationName}_{instructionSet.ToString().ToLowerInvariant()}" : base.KernelName(instructionSet);

    /// <inheritdoc/>
    public override double TileCost(int tile) => PieceOf(tile).ElementsPerTile;

    /// <inheritdoc/>
    public override void AddFootprint(WorkRange range, SpanList reads, SpanList writes)
    {
        if (IsBytes)
        {
            // The arena counts floats; who moves which bytes is not worth knowing.
            foreach (var input in Inputs)
                reads.Whole(input);
            writes.Whole(Output);
            return;
        }

        foreach (var piece in Pieces)
        {
            var own = range with
            {
                TileFrom = Math.Max(0, range.TileFrom - piece.FirstTile),
                TileTo = Math.Min(piece.Nest.Tiles, range.TileTo - piece.FirstTile),
            };
            if (own.TileFrom >= own.TileTo)
                continue;
            var (source, target) = piece.Exchange is { } exchange
                ? (
                    exchange.Rows - 1 + ((exchange.Columns - 1) * exchange.SourceStride),
                    exchange.Columns - 1 + ((exchange.Rows - 1) * exchange.TargetStride)
                )
                : (0, 0);
            if (piece.Input >= 0)
                piece.Nest.AddSpan(0, Operands[piece.Input], own, reads, source);
            piece.Nest.AddSpan(piece.Input >= 0 ? 1 : 0, Target, own, writes, target);
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<WorkItem> Work(InstructionSet set, MachineDescription machine)
    {
        double elements = Node.Shape.ElementCount;
        var work = new WorkList().Add("layer", 1).AddWrite(machine, elements * sizeof(float)).AddRead(machine, elements * sizeof(float));
        var runs = Pieces.Sum(piece => piece.ElementsPerTile * piece.Nest.Tiles / piece.Nest.Run);
        return work.Add("copy.row", runs).Add("copy.value", elements).Items;
    }
}
