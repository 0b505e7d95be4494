using Subp.Core.Operators;

namespace Subp.Onnx.Import.Volumes;

/// <summary>
/// A volume [batch,channels,depth,height,width] as a batch of images, its frames [batch * depth,channels,height,width], on which
/// kernels for images work.
/// </summary>
internal static class Frames
{
    /// <summary>Swaps channels and depth; its own inverse.</summary>
    public static readonly int[] Swap = [0, 2, 1, 3, 4];

    /// <summary>The frames of a volume.</summary>
    public static GraphValue Of(NodeContext node, GraphValue volume)
    {
        var shape = volume.Shape;
        var turned = node.EmitIntermediate("turned", new Transpose { Permutation = Swap }, volume);
        return node.EmitIntermediate("frames", new Reshape(shape[0] * shape[2], shape[1], shape[3], shape[4]), turned);
    }

    /// <summary>
    /// Frames that have all that some taps along the depth read: [batch * positions,channels * taps,height,width], the taps of a channel
    /// side by side, as a weight [out,channels,taps,height,width] has them.
    /// </summary>
    /// <param name="node">The node.</param>
    /// <param name="volume">The volume.</param>
    /// <param name="padding">Images of zeros in front of and behind the volume.</param>
    /// <param name="taps">The number of taps.</param>
    /// <param name="places">The images that the taps read, padding included, those of a position side by side.</param>
    public static GraphValue Stacked(NodeContext node, GraphValue volume, (int Before, int After) padding, int taps, int[] places)
    {
        var shape = volume.Shape;
        var frames = Of(node, volume);
        if (taps == 1 && padding == default && places.Length == shape[2] && IsInOrder(places))
            return frames;
        var (batch, channels, positions) = (shape[0], shape[1], places.Length / taps);
        var taken = Taken(node, frames, batch, padding, places, 0);
        var apart = node.EmitIntermediate("taps", new Reshape(batch, positions, taps, channels, shape[3] * shape[4]), taken);
        var turned = node.EmitIntermediate("stacked", new Transpose { Permutation = (int[])[0, 1, 3, 2, 4] }, apart);
        return node.EmitIntermediate("images", new Reshape(batch * positions, channels * taps, shape[3], shape[4]), turned);
    }

    /// <summary>The images at some places of each volume: [batch,places,channels,height,width].</summary>
    public static GraphValue Taken(
        NodeContext node,
        GraphValue frames,
        int batch,
        (int Before, int After) padding,
        int[] places,
        float paddingValue
    )
    {
        var shape = frames.Shape;
        var volumes = node.EmitIntermediate("volumes", new Reshape(batch, shape[0] / batch, shape[1], shape[2], shape[3]), frames);
        if (padding != default)
            volumes = node.EmitIntermediate(
                "padded",
                new Pad { Pads = (int[])[padding.Before, 0, 0, 0, padding.After, 0, 0, 0], Value = paddingValue },
                volumes
            );
        return places.Length == volumes.Shape[1] && IsInOrder(places)
            ? volumes
            : node.EmitIntermediate("taken", Indices.Take(volumes.Shape, 1, places), volumes);
    }

    /// <summary>Adds the nodes of an output: frames as the volume that they are.</summary>
    public static void EmitVolume(NodeContext node, string output, int batch, GraphValue frames)
    {
        var shape = frames.Shape;
        var apart = node.EmitIntermediate("apart", new Reshape(batch, shape[0] / batch, shape[1], shape[2], shape[3]), frames);
        node.EmitAs(output, new Transpose { Permutation = Swap }, apart);
    }

    private static bool IsInOrder(int[] places) => places.Select((place, index) => place == index).All(same => same);
}
