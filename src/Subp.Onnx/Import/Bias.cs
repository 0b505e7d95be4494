using Subp.Core.Graphs;

namespace Subp.Onnx.Import;

/// <summary>Finds the bias of a layer: among its inputs, or as the constant that the next node adds.</summary>
internal static class Bias
{
    /// <summary>The name under which the layer is added and, if there is one, its bias parameter of shape [channels].</summary>
    /// <param name="node">The layer.</param>
    /// <param name="given">The bias among the inputs, or null.</param>
    /// <param name="channels">The number of output channels.</param>
    /// <param name="trailing">The number of dimensions after the channels in the output: 2 for images, 0 for vectors.</param>
    /// <param name="scale">A factor for the bias among the inputs.</param>
    /// <exception cref="Core.Diagnostics.SubpException">The bias among the inputs is not one number per channel.</exception>
    public static (string Output, string? Parameter) Find(
        NodeContext node,
        ConstantTensor? given,
        int channels,
        int trailing,
        float scale = 1
    )
    {
        if (given is not null)
        {
            // Gemm broadcasts its third operand, Conv does not.
            if (!IsPerChannel(given, channels, trailing: 0) || (trailing > 0 && given.Count != channels))
                throw node.Unsupported(
                    $"a bias of shape [{string.Join(",", given.Dimensions)}]",
                    FormattableString.Invariant($"[{channels}]")
                );
            return (node.OutputName, Declare(node, given, channels, scale));
        }

        return node.TakeAddedConstant(constant => IsPerChannel(constant, channels, trailing)) is var (output, added)
            ? (output, Declare(node, added, channels, scale: 1))
            : (node.OutputName, null);
    }

    /// <summary>True where a constant is a bias of a Gemm: one number, or one per output feature.</summary>
    public static bool Fits(ConstantTensor constant, int channels) => IsPerChannel(constant, channels, trailing: 0);

    private static bool IsPerChannel(ConstantTensor constant, int channels, int trailing)
    {
        var dimensions = constant.Dimensions;
        if (constant.Count == 1)
            return dimensions.Count <= trailing + 2;
        var channelIndex = dimensions.Count - 1 - trailing;
        return channelIndex is 0 or 1 && dimensions[channelIndex] == channels && constant.Count == channels;
    }

    private static string Declare(NodeContext node, ConstantTensor constant, int channels, float scale) =>
        node.Parameter(
            constant,
            scale == 1 && constant.Count == channels ? "" : FormattableString.Invariant($"bias of {channels} times {scale:R}"),
            new TensorShape(channels),
            values =>
            {
                var bias = values.Length == channels ? values : Enumerable.Repeat(values[0], channels).ToArray();
                if (scale != 1)
                {
                    for (var index = 0; index < bias.Length; index++)
                        bias[index] *= scale;
                }

                return bias;
            }
        );
}
