using Subp.Core.Operators;
using Subp.Core.Sparsity;
using Subp.Core.Weights;

namespace Subp.Compiler.Packing;

/// <summary>
/// Replaces block patterns that no kernel is emitted for. Kernels work on at least four output channels, so blocks whose length is no
/// multiple of four (1x2, say) become the covering blocks of the next length that is one: a wide block is kept where any of the narrow
/// blocks in it is. Where the output channels allow no such length, where nothing pruned is left, and in convolutions of several groups,
/// the weight becomes dense. Values stay as they are; some of them are stored zeros now.
/// </summary>
public sealed class WidenBlocks : PackingPass
{
    private const int Lanes = 4;

    /// <inheritdoc/>
    public override string Name => "widen-blocks";

    /// <inheritdoc/>
    public override Model Run(Model model)
    {
        var grouped = model
            .Graph.Nodes.Select(node => node.Operator)
            .OfType<Conv2d>()
            .Where(convolution => convolution.Groups > 1)
            .Select(convolution => convolution.Weight)
            .ToHashSet(StringComparer.Ordinal);
        var parameters = model
            .Graph.Parameters.Select(parameter =>
                parameter switch
                {
                    { Pattern: null } => parameter,
                    _ when grouped.Contains(parameter.Name) => parameter with { Pattern = null },
                    { Pattern: { } pattern } when pattern.BlockLength % Lanes != 0 => parameter with { Pattern = Widen(pattern) },
                    _ => parameter,
                }
            )
            .ToArray();
        return parameters.SequenceEqual(model.Graph.Parameters) ? model : model with { Graph = model.Graph.With(parameters: parameters) };
    }

    /// <summary>
    /// The covering pattern of the next block length that kernels exist for; null where there is none or nothing pruned is left.
    /// </summary>
    public static BlockPattern? Widen(BlockPattern pattern)
    {
        var merged = pattern.BlockLength % 2 == 0 ? 2 : Lanes;
        if (pattern.Groups % merged != 0)
            return null;
        var wide = new BlockPattern(
            pattern.BlockLength * merged,
            pattern.InputChannels,
            [.. Enumerable.Range(0, pattern.Groups / merged).Select(group => Union(pattern, group * merged, merged))]
        );
        return wide.IsFull ? null : wide;
    }

    private static int[] Union(BlockPattern pattern, int first, int count) =>
        [.. Enumerable.Range(first, count).SelectMany(pattern.Kept).Distinct().Order()];
}
