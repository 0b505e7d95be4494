using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;
using Subp.Core.Weights;

namespace Subp.Compiler.Packing;

/// <summary>
/// Finds the 1xN block pattern of every convolution (one group) and linear weight that declares none: the largest N in {32,16,8,4,2} that
/// divides the output channels and whose groups of N output channels share their all-zero input channels. Uniform or not is recorded by the
/// pattern itself. A weight without a pruned block stays dense.
/// </summary>
public sealed class FindBlocks : PackingPass
{
    /// <summary>The name of the pass.</summary>
    public const string PassName = "find-blocks";

    private static readonly int[] BlockLengths = [32, 16, 8, 4, 2];

    /// <inheritdoc/>
    public override string Name => PassName;

    /// <inheritdoc/>
    public override Model Run(Model model)
    {
        var candidates = model
            .Graph.Nodes.Where(node => node.Operator is Conv2d { Groups: 1 } or Linear)
            .Select(node => node.Operator.Parameters[0].Name)
            .ToHashSet(StringComparer.Ordinal);
        var changed = false;
        var parameters = new List<Parameter>();
        foreach (var parameter in model.Graph.Parameters)
        {
            var pattern = parameter.Pattern is null && candidates.Contains(parameter.Name) ? Find(model.Weights[parameter.Name]) : null;
            changed |= pattern is not null;
            parameters.Add(pattern is null ? parameter : parameter with { Pattern = pattern });
        }

        return changed ? new Model(model.Graph.With(parameters: parameters), model.Weights) : model;
    }

    /// <summary>The pattern of a weight [out, in, ...], or null where no block is pruned or no N fits.</summary>
    public static BlockPattern? Find(WeightTensor weight)
    {
        var outputs = weight.Shape[0];
        var inputs = weight.Shape[1];
        var taps = weight.Shape.ElementCount / (outputs * inputs);
        var kept = new bool[outputs, inputs];
        var pruned = 0;
        for (var output = 0; output < outputs; output++)
        {
            for (var input = 0; input < inputs; input++)
            {
                kept[output, input] = !IsZero(weight, ((output * inputs) + input) * taps, taps);
                pruned += kept[output, input] ? 0 : 1;
            }
        }

        if (pruned == 0)
            return null;
        foreach (var length in BlockLengths)
        {
            if (outputs % length == 0 && Shared(kept, length) is { } groups)
                return new BlockPattern(length, inputs, groups);
        }

        return null;
    }

    private static bool IsZero(WeightTensor weight, int first, int count) =>
        weight.Element == ElementType.Int8
            ? !weight.SignedBytes.AsSpan(first, count).ContainsAnyExcept((sbyte)0)
            : !weight.Values.AsSpan(first, count).ContainsAnyExcept(0f);

    /// <summary>The kept channels per group, or null where the rows of a group differ.</summary>
    private static List<IReadOnlyList<int>>? Shared(bool[,] kept, int length)
    {
        var groups = new List<IReadOnlyList<int>>();
        for (var first = 0; first < kept.GetLength(0); first += length)
        {
            var channels = new List<int>();
            for (var input = 0; input < kept.GetLength(1); input++)
            {
                for (var row = first + 1; row < first + length; row++)
                {
                    if (kept[row, input] != kept[first, input])
                        return null;
                }

                if (kept[first, input])
                    channels.Add(input);
            }

            groups.Add(channels);
        }

        return groups;
    }
}
