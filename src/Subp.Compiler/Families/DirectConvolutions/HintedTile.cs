using Subp.Compiler.Families.Convolutions;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Hints;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.DirectConvolutions;

/// <summary>The register tiles that the hints of one layer ask for, checked against the layer and the registers.</summary>
/// <param name="node">The layer.</param>
/// <param name="hints">Its hints.</param>
/// <param name="blockLength">N.</param>
/// <param name="window">Kernel, stride and dilation.</param>
/// <param name="height">Output rows.</param>
/// <param name="width">Output columns.</param>
/// <param name="form">The form of unrolling.</param>
internal sealed class HintedTile(string node, LayerHints hints, int blockLength, Window window, int height, int width, ConvolutionForm form)
{
    /// <summary>The tile of an instruction set, or null where there is no hint.</summary>
    /// <param name="set">The instruction set.</param>
    /// <param name="bandRows">The rows of a task, which the tile of the first set decides; null for that set.</param>
    /// <exception cref="Core.Diagnostics.SubpException">SUBP0605: the layer cannot have this tile.</exception>
    public ConvolutionTile? Of(InstructionSet set, int? bandRows)
    {
        if (hints.TileOf(set) is not { } pixels)
            return null;
        var found = $"a tile of {TileHint.Word(pixels.Height, pixels.Width)} pixels for {set.Word()}";
        if (pixels.Height > height || pixels.Width > width)
            throw HintedNodes.Misfit(node, found, InvariantText.Invariant($"at most the {height} x {width} pixels of the layer"));
        if (bandRows is { } band && pixels.Height != band && pixels.Height != 1)
            throw HintedNodes.Misfit(
                node,
                found,
                InvariantText.Invariant($"tiles of 1 row or of the {band} that the first instruction set has")
            );
        if (form == ConvolutionForm.StraightLine && height % pixels.Height != 0)
            throw HintedNodes.Misfit(node, found + " of straight-line code", InvariantText.Invariant($"rows that divide {height}"));
        var unit = VectorUnit.For(set, blockLength);
        var tile =
            ConvolutionTile.Of(unit, unit.VectorsFor(blockLength), window, pixels, mayHold: form != ConvolutionForm.Table)
            ?? throw HintedNodes.Misfit(
                node,
                found,
                InvariantText.Invariant($"a tile whose sums, pixels and weights fit into {unit.Registers} registers")
            );
        var instructions = CodeBudget.Instructions(tile, window, blocks: 1);
        return form != ConvolutionForm.StraightLine || instructions <= CodeBudget.MethodInstructions
            ? tile
            : throw HintedNodes.Misfit(
                node,
                InvariantText.Invariant($"{found}, of which one kept block is {instructions} instructions of straight-line code"),
                InvariantText.Invariant($"at most {CodeBudget.MethodInstructions}, the budget of a method")
            );
    }
}
