using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Tooling.Verification.SpecialValues;

/// <summary>
/// What can be said of each element of a layer from its inputs: where a NaN is certain, where the kernel may spread an infinity or a NaN
/// (<see cref="ValueSpread"/>), and where a sum takes in a float so large that it may overflow on its way, or drown what else is in a tile.
/// </summary>
internal sealed class LayerLimits
{
    /// <summary>2^64: products of smaller numbers and sums of their products with weights stay within the range of floats.</summary>
    public const float Huge = 18446744073709551616f;

    private readonly bool[]? _reached;
    private readonly float[]? _onlyNaN;
    private readonly float[]? _hugeAsNaN;

    private LayerLimits(bool[]? reached, float[]? onlyNaN, float[]? hugeAsNaN) =>
        (_reached, _onlyNaN, _hugeAsNaN) = (reached, onlyNaN, hugeAsNaN);

    /// <summary>True where a NaN among the inputs makes this element one by definition, spread or not.</summary>
    public bool MustBeNaN(int element) => _onlyNaN is not null && float.IsNaN(_onlyNaN[element]);

    /// <summary>True where the kernel may carry an infinity, a NaN or the rounding of a huge number.</summary>
    public bool MayBeSpread(int element) => _reached is not null && _reached[element];

    /// <summary>True where a sum takes in a huge number.</summary>
    public bool MayOverflow(int element) => _hugeAsNaN is not null && float.IsNaN(_hugeAsNaN[element]);

    /// <summary>True where the element has one right value.</summary>
    public bool IsCompared(int element) => !MayBeSpread(element) && !MayOverflow(element);

    /// <summary>Finds the limits of a layer.</summary>
    /// <param name="layer">The step that computes it; null where none does.</param>
    /// <param name="node">The node.</param>
    /// <param name="inputs">The values of its inputs by name.</param>
    /// <param name="evaluate">The reference, for the node on any inputs.</param>
    public static LayerLimits Of(
        LayerPlan? layer,
        GraphNode node,
        IReadOnlyDictionary<string, float[]> inputs,
        Func<Func<float, float>, float[]> evaluate
    )
    {
        var operands = node.Inputs.Select(name => inputs[name]).ToArray();
        // What these compute holds no sum: every element is that of an input, or a function of one.
        var isSum =
            node.Operator
            is not (Activate or ChangeLayout or ChannelShuffle or Concat or Flatten or Pad or Slice)
                and not Pool2d { Kind: PoolKind.Maximum };
        var hasHuge = isSum && operands.Any(values => values.Any(IsHuge));
        var spreads = layer is not null && ValueSpread.MayHappen(layer);
        return new LayerLimits(
            spreads ? ValueSpread.Reached(layer!, Array.ConvertAll(operands[0], value => !float.IsFinite(value) || IsHuge(value))) : null,
            spreads ? evaluate(value => float.IsNaN(value) ? value : 0) : null,
            hasHuge
                ? evaluate(value =>
                    IsHuge(value) ? float.NaN
                    : float.IsFinite(value) ? value
                    : 0
                )
                : null
        );
    }

    private static bool IsHuge(float value) => float.IsFinite(value) && Math.Abs(value) >= Huge;
}
