using Subp.Core.Operators;

namespace Subp.Onnx.Import;

/// <summary>
/// Convolution and pooling over one or three spatial dimensions: a line [batch, channels, length] is the one row of an image, and a volume
/// [batch, channels, 1, height, width] of one image is that image. Deeper volumes are refused.
/// </summary>
internal static class Lines
{
    /// <summary>The input as an image, and the number of its spatial dimensions, 1 to 3.</summary>
    /// <param name="node">The node.</param>
    /// <param name="takesBytes">Whether the operator gives of quantised bytes some of these.</param>
    /// <exception cref="Core.Diagnostics.SubpException">The input is neither an image nor a line nor a volume of depth 1.</exception>
    public static (GraphValue Image, int Spatial) Read(NodeContext node, bool takesBytes = false)
    {
        var any = node.ValueOfAnyKind(0, "image");
        var value = takesBytes && any.Kind == ElementKind.Byte ? any : node.Value(0, "image");
        var shape = value.Shape;
        if (shape.IsImage)
            return (value, 2);
        if (shape.Rank == 5 && shape[2] == 1)
            return (node.EmitIntermediate("image", new Reshape(shape[0], shape[1], shape[3], shape[4]), value), 3);
        if (shape.Rank != 3)
            throw node.Unsupported(
                shape.Rank == 5 ? $"a volume of shape {shape}" : $"an input of shape {shape}",
                "an image [batch,channels,height,width], a line [batch,channels,length] or a volume [batch,channels,1,height,width]",
                shape.Rank == 5
                    ? "Nothing is computed over three dimensions: cut the network in front of the node with --outputs NAME."
                    : ""
            );
        return (node.EmitIntermediate("row", new Reshape(shape[0], shape[1], 1, shape[2]), value), 1);
    }

    /// <summary>Adds the node of an output: the operator, and behind it for a line or a volume the way back.</summary>
    public static void Emit(NodeContext node, string output, int spatial, Operator @operator, params GraphValue[] inputs)
    {
        if (spatial == 2)
        {
            node.EmitAs(output, @operator, inputs);
            return;
        }

        var result = node.EmitIntermediate("result", @operator, inputs);
        var shape = result.Shape;
        node.EmitAs(
            output,
            spatial == 1 ? new Reshape(shape[0], shape[1], shape[3]) : new Reshape(shape[0], shape[1], 1, shape[2], shape[3]),
            result
        );
    }
}
