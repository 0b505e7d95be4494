using Subp.Core.Operators;

namespace Subp.Onnx.Import;

/// <summary>
/// Convolution and pooling over one spatial dimension: a line [batch, channels, length] is the one row of an image. What has three spatial
/// dimensions is refused.
/// </summary>
internal static class Lines
{
    /// <summary>The input as an image, and the number of its spatial dimensions, 1 or 2.</summary>
    /// <exception cref="Core.Diagnostics.SubpException">The input has another rank than 3 and 4.</exception>
    public static (GraphValue Image, int Spatial) Read(NodeContext node)
    {
        var value = node.Value(0, "image");
        var shape = value.Shape;
        if (shape.IsImage)
            return (value, 2);
        if (shape.Rank != 3)
            throw node.Unsupported(
                $"an input of shape {shape}",
                "an image [batch,channels,height,width] or a line [batch,channels,length]"
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
        node.EmitAs(output, new Reshape(result.Shape[0], result.Shape[1], result.Shape[3]), result);
    }
}
