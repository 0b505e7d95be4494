using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Onnx.Import.Volumes;

/// <summary>
/// Conv and ConvTranspose over volumes: one convolution over images for all positions along the depth, whose input channels are those of
/// all images that the taps read. The weight of a Conv is that of the file, in the same order.
/// </summary>
internal static class VolumeConvolution
{
    /// <summary>Converts a Conv.</summary>
    /// <param name="node">The node.</param>
    /// <param name="volume">Its input, [batch,channels,depth,height,width].</param>
    /// <param name="weight">Its weight, [out,in/groups,depth,height,width].</param>
    public static void Convert(NodeContext node, GraphValue volume, ConstantTensor weight)
    {
        var kernel = Kernel(node, weight);
        var window = VolumeWindow.Read(node, kernel, volume.Shape);
        window.RequirePositions(node, volume.Shape, window.Depth.Positions(volume.Shape[2]));
        var groups = node.Attributes.Integer("group", 1, minimum: 1);
        RequireChannels(node, volume, (long)weight.Shape[1] * groups);
        var (output, bias) = Bias.Find(node, node.OptionalConstant(2, "bias"), weight.Shape[0], trailing: 3);
        var shape = new TensorShape(weight.Shape[0], weight.Shape[1] * kernel[0], kernel[1], kernel[2]);
        var convolution = new Conv2d
        {
            Weight = node.Parameter(weight, "images of all taps", shape, values => values),
            Bias = bias,
            Window = window.Plane,
            Groups = groups,
        };
        var depth = window.Depth;
        var images = Frames.Stacked(node, volume, (depth.Before, depth.After), depth.Kernel, depth.Places(volume.Shape[2]));
        Frames.EmitVolume(node, output, volume.Shape[0], node.EmitIntermediate("result", convolution, images));
    }

    /// <summary>Converts a ConvTranspose.</summary>
    /// <param name="node">The node.</param>
    /// <param name="volume">Its input, [batch,channels,depth,height,width].</param>
    /// <param name="weight">Its weight, [in,out/groups,depth,height,width].</param>
    public static void ConvertTransposed(NodeContext node, GraphValue volume, ConstantTensor weight)
    {
        var kernel = Kernel(node, weight);
        var window = VolumeWindow.Read(node, kernel, volume.Shape);
        var mode = node.Attributes.Text("auto_pad", "NOTSET");
        if (node.Attributes.Any("output_shape") is not null || mode is "SAME_UPPER" or "SAME_LOWER")
            throw node.Unsupported("a size of the result for a volume", "pads and output_padding");
        var added = node.Attributes.Integers("output_padding", 3, 0, WindowReader.LargestExtent) ?? [0, 0, 0];
        var groups = node.Attributes.Integer("group", 1, minimum: 1);
        RequireChannels(node, volume, weight.Shape[0]);
        var outputs = (int)Math.Min((long)weight.Shape[1] * groups, TensorShape.MaximumElementCount);
        var (output, bias) = Bias.Find(node, node.OptionalConstant(2, "bias"), outputs, trailing: 3);
        int[] extents = [.. weight.Shape.Dimensions];
        var convolution = new ConvTranspose2d
        {
            Weight = node.Parameter(
                weight,
                "images of all taps, inputs outermost",
                new TensorShape(extents[0] * extents[2], extents[1], extents[3], extents[4]),
                values => TapsBeforeOutputs(values, extents)
            ),
            Bias = bias,
            Window = window.Plane,
            OutputPadding = new Extent(added[1], added[2]),
            Groups = groups,
        };
        window.RequirePositions(node, volume.Shape, window.Depth.TransposedPositions(volume.Shape[2], added[0]));
        var places = window.Depth.TransposedPlaces(volume.Shape[2], added[0]);
        // One image of zeros, for all taps that meet none.
        var images = Frames.Stacked(node, volume, (0, 1), kernel[0], places);
        Frames.EmitVolume(node, output, volume.Shape[0], node.EmitIntermediate("result", convolution, images));
    }

    private static int[] Kernel(NodeContext node, ConstantTensor weight)
    {
        int[] kernel = [.. weight.Dimensions.Skip(2)];
        return node.Attributes.Integers("kernel_shape", 3, 1, WindowReader.LargestExtent) is { } declared && !declared.SequenceEqual(kernel)
            ? throw node.Attributes.Invalid(
                $"kernel_shape = [{string.Join(",", declared)}]",
                $"the extents of the weight [{string.Join(",", kernel)}]"
            )
            : kernel;
    }

    private static void RequireChannels(NodeContext node, GraphValue volume, long channels)
    {
        if (volume.Shape[1] != channels)
            throw node.Unsupported(
                $"a volume of shape {volume.Shape}",
                FormattableString.Invariant($"{channels} channels, as the weight has them")
            );
    }

    // [in,out,taps,...] as [in,taps,out,...].
    private static float[] TapsBeforeOutputs(float[] values, int[] extents)
    {
        var (outputs, taps, plane) = (extents[1], extents[2], extents[3] * extents[4]);
        var result = new float[values.Length];
        for (var row = 0; row < extents[0] * outputs * taps; row++)
        {
            var (input, output, tap) = (row / (outputs * taps), row / taps % outputs, row % taps);
            values.AsSpan(row * plane, plane).CopyTo(result.AsSpan(((((input * taps) + tap) * outputs) + output) * plane));
        }

        return result;
    }
}
