using Subp.Core.Operators;

namespace Subp.Onnx.Import;

/// <summary>
/// Convolution and pooling over one spatial dimension: a line [batch, channels, length] is the one row of an image.
/// </summary>
internal static class Lines
{
    /// <summary>The input as an image, and the number of its spatial dimensions, 1 or 2.</summary>
    /// <param name="node">The node.</param>
    /// <param name="takesBytes">Whether the operator gives of quantised bytes some of these.</param>
    /// <exception cref="Core.Diagnostics.SubpException">The input is neither an image nor a line.</exception>
    public static (GraphValue Image, int Spatial) Read(NodeContext node, bool takesBytes = false)
    {
        var any = node.ValueOfAnyKind(0, "image");
        var value = takesBytes && any.Kind == ElementKind.Byte ? any : node.Value(0, "image");
        var shape = value.Shape;
        if (shape.IsImage)
            return (value, 2);
        if (shape.Rank != 3)
            throw node.Unsupported(
                $"an input of shape {shape}",
                "an image [batch,channels,height,width], a line [batch,channels,length] or a volume [batch,channels,depth,height,width]"
            );
        return (node.EmitIntermediate("row", new Reshape(shape[0], shape[1], 1, shape[2]), value), 1);
    }

    /// <summary>Adds the node of an output: the operator, and behind it for a line the way back.</summary>
    public static void Emit(NodeContext node, string output, int spatial, Operator @operator, params GraphValue[] inputs)
    {
        if (spatial == 2)
        {
            node.EmitAs(output, @operator, inputs);
            return;
        }

        var result = node.EmitIntermediate("result", @operator, inputs);
        var shape = result.Shape;
        node.EmitAs(output, new Reshape(shape[0], shape[1], shape[3]), result);
    }
}
