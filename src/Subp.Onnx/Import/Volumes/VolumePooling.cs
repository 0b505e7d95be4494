using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Onnx.Import.Volumes;

/// <summary>MaxPool and AveragePool over volumes: every image is pooled first, and then the images that lie behind each other.</summary>
internal static class VolumePooling
{
    /// <summary>Converts a pool.</summary>
    /// <param name="node">The node.</param>
    /// <param name="volume">Its input, [batch,channels,depth,height,width].</param>
    /// <param name="kind">Which pool.</param>
    public static void Convert(NodeContext node, GraphValue volume, PoolKind kind)
    {
        var kernel =
            node.Attributes.Integers("kernel_shape", 3, 1, WindowReader.LargestExtent)
            ?? throw node.Attributes.Invalid("no kernel_shape", "kernel_shape");
        node.Attributes.Ignore("storage_order");
        var isMean = kind == PoolKind.Average;
        var countsPadding = isMean && node.Attributes.Switch("count_include_pad", false);
        var window = VolumeWindow.Read(node, kernel, volume.Shape);
        window.RequirePositions(node, volume.Shape, window.Depth.Positions(volume.Shape[2]));
        WindowReader.RequireElements(node, window.Plane);
        var depth = window.Depth;
        if (Math.Max(depth.Before, depth.After) >= depth.Span)
            throw node.Unsupported(
                FormattableString.Invariant($"pads of {depth.Before} and {depth.After} images around a window over {depth.Span}"),
                "pads smaller than the window"
            );
        if (isMean && (depth.Dilation != 1 || window.Plane.Dilation != Extent.One))
            throw node.Unsupported("a mean with dilations over a volume", "dilations of 1");
        if (countsPadding && node.Attributes.Switch("ceil_mode", false))
            throw node.Unsupported("count_include_pad with ceil_mode over a volume", "one of the two");

        var shape = volume.Shape;
        var images = node.EmitIntermediate(
            "pooled",
            new Pool2d
            {
                Kind = kind,
                Window = window.Plane,
                CountIncludesPadding = countsPadding,
            },
            Frames.Of(node, volume)
        );
        if (depth is { Kernel: 1, Stride: 1 })
        {
            Frames.EmitVolume(node, node.OutputName, shape[0], images);
            return;
        }

        var padding = isMean ? 0 : float.NegativeInfinity;
        var taken = Frames.Taken(node, images, shape[0], (depth.Before, depth.After), depth.Places(shape[2]), padding);
        var positions = (int)depth.Positions(shape[2]);
        var plane = images.Shape[1] * images.Shape[2] * images.Shape[3];
        var taps = node.EmitIntermediate("taps", new Reshape(shape[0], positions, depth.Kernel, plane), taken);
        var joined = node.EmitIntermediate(
            "joined",
            new Reduce
            {
                Kind = isMean ? ReduceKind.Sum : ReduceKind.Maximum,
                Axes = new[] { 2 },
                KeepDimensions = false,
            },
            taps
        );
        if (isMean)
            joined = node.EmitIntermediate("mean", new Mul(), joined, Shares(node, depth, shape[2], countsPadding));
        var frames = new Reshape(shape[0] * positions, images.Shape[1], images.Shape[2], images.Shape[3]);
        Frames.EmitVolume(node, node.OutputName, shape[0], node.EmitIntermediate("result", frames, joined));
    }

    // One over the number of images that each position has, a column.
    private static GraphValue Shares(NodeContext node, AxisWindow depth, int extent, bool countsPadding)
    {
        var places = depth.Places(extent);
        var shares = new float[depth.Positions(extent)];
        for (var position = 0; position < shares.Length; position++)
        {
            var own = places.AsSpan(position * depth.Kernel, depth.Kernel);
            var count = 0;
            foreach (var place in own)
                count += countsPadding || (place >= depth.Before && place < depth.Before + extent) ? 1 : 0;
            shares[position] = 1f / count;
        }

        return node.ComputedConstant("shares", new TensorShape(shares.Length, 1), shares);
    }
}
