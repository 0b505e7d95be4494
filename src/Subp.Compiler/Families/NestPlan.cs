using Subp.Compiler.Families.Loops;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Scheduling;

namespace Subp.Compiler.Families;

/// <summary>A step that is one <see cref="LoopNest"/>: its tasks are the tiles of the loops.</summary>
/// <param name="Frame">What every step has.</param>
internal abstract record NestPlan(LayerFrame Frame) : FamilyPlan(Frame)
{
    /// <summary>The loops over all operands, the result last.</summary>
    public required LoopNest Nest { get; init; }

    /// <inheritdoc/>
    public override double TileCost(int tile) =>
        (double)(Math.Min((tile + 1) * Nest.IndicesPerTile, Nest.Indices) - (tile * Nest.IndicesPerTile)) / Nest.IndicesPerTile;

    /// <inheritdoc/>
    public override void AddFootprint(WorkRange range, SpanList reads, SpanList writes)
    {
        for (var operand = 0; operand < Operands.Count; operand++)
            Nest.AddSpan(operand, Operands[operand], range, operand == Operands.Count - 1 ? writes : reads);
    }
}
