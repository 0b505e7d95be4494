using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Training.Interchange.StateDict;
using Subp.Training.Sparsification;

namespace Subp.Training.Interchange.Networks;

/// <summary>The kept blocks of one weight.</summary>
/// <param name="Grid">How the weight is cut into blocks.</param>
/// <param name="Mask">Which blocks are kept.</param>
public sealed record MaskedWeight(BlockGrid Grid, BlockMask Mask);

/// <summary>
/// Reads the masks of the SUBP authors' checkpoints: beside the weight of every masked convolution a buffer <c>mask</c> of the same shape,
/// one where the weight is kept and zero where it is pruned, the same over every block.
/// </summary>
internal static class MaskBuffers
{
    // The lengths that packing looks for as well; the longest that fits every mask is the one they were made with.
    private static readonly int[] s_blockLengths = [32, 16, 8, 4];

    /// <summary>The masks that prune something, by parameter.</summary>
    /// <exception cref="SubpException">SUBP0565: a mask has another shape than its weight, or is not one of 1xN blocks.</exception>
    public static IReadOnlyDictionary<string, MaskedWeight> Read(
        Graph graph,
        IReadOnlyDictionary<string, IReadOnlyList<string>> names,
        StateDictionary state
    )
    {
        var kept = new Dictionary<string, (StateTensor Tensor, TensorShape Shape, bool[] Kept)>(StringComparer.Ordinal);
        foreach (
            var parameter in graph.Nodes.Where(node => node.Operator is Conv2d or Linear).Select(node => node.Operator.Parameters[0].Name)
        )
        {
            var tensor = names[parameter].Select(name => state.Find(StateNames.MaskOf(name))).FirstOrDefault(mask => mask is not null);
            if (tensor is null)
                continue;

            var shape = graph.Parameter(parameter).Shape;
            bool[] channels = KeptChannels(state.Source, tensor, shape);
            if (channels.Contains(false))
                kept.Add(parameter, (tensor, shape, channels));
        }

        int length = s_blockLengths.FirstOrDefault(length => kept.Values.All(entry => IsShared(entry.Kept, entry.Shape, length)));
        if (kept.Count > 0 && length == 0)
        {
            var odd = kept.Values.FirstOrDefault(entry => !IsShared(entry.Kept, entry.Shape, s_blockLengths[^1]), kept.Values.First());
            throw Invalid(
                state.Source,
                odd.Tensor,
                "output channels next to each other that keep different input channels",
                $"one length N of {string.Join(", ", s_blockLengths.Reverse())} whose blocks all masks are made of"
            );
        }

        return kept.ToDictionary(entry => entry.Key, entry => Mask(entry.Value.Kept, entry.Value.Shape, length), StringComparer.Ordinal);
    }

    /// <summary>One value per output and input channel; the taps of a kernel are kept or pruned together.</summary>
    private static bool[] KeptChannels(string source, StateTensor tensor, TensorShape shape)
    {
        if (!tensor.Shape.SequenceEqual(shape.Dimensions.Select(dimension => (long)dimension)))
            throw Invalid(source, tensor, $"the shape {tensor.ShapeText}", $"{shape}, the shape of the weight");

        float[] values = tensor.ToFloats();
        int taps = shape.ElementCount / (shape[0] * shape[1]);
        var kept = new bool[shape[0] * shape[1]];
        for (int i = 0; i < values.Length; i++)
        {
            if (values[i] is not (0 or 1))
                throw Invalid(source, tensor, FormattableString.Invariant($"the value {values[i]}"), "zeros and ones");

            bool isKept = values[i] == 1;
            if (i % taps == 0)
                kept[i / taps] = isKept;
            else if (kept[i / taps] != isKept)
                throw Invalid(source, tensor, "a kernel of which a part is pruned", "kernels that are kept or pruned as a whole");
        }

        return kept;
    }

    private static bool IsShared(bool[] kept, TensorShape shape, int length)
    {
        if (shape[0] % length != 0)
            return false;

        for (int row = 0; row < shape[0]; row++)
        {
            int first = row / length * length;
            if (!kept.AsSpan(row * shape[1], shape[1]).SequenceEqual(kept.AsSpan(first * shape[1], shape[1])))
                return false;
        }

        return true;
    }

    private static MaskedWeight Mask(bool[] kept, TensorShape shape, int length)
    {
        var grid = new BlockGrid(shape[0], shape[1], shape.ElementCount / (shape[0] * shape[1]), length);
        var blocks = new byte[grid.Groups * grid.InputChannels];
        for (int group = 0; group < grid.Groups; group++)
        {
            for (int channel = 0; channel < grid.InputChannels; channel++)
                blocks[(group * grid.InputChannels) + channel] = kept[(group * length * grid.InputChannels) + channel] ? (byte)1 : (byte)0;
        }

        return new MaskedWeight(grid, BlockMask.FromBytes(grid.Groups, grid.InputChannels, blocks));
    }

    private static SubpException Invalid(string source, StateTensor tensor, string found, string expected) =>
        new(
            DiagnosticDescriptors.MaskInvalid,
            $"{source}, tensor '{tensor.Name}'",
            found,
            expected,
            "Multiply the weights by their masks in PyTorch and save them without masks."
        );
}
