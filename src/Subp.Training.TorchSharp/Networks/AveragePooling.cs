using Subp.Core.Graphs;
using Subp.Core.Operators;
using static TorchSharp.torch;
using Functional = TorchSharp.torch.nn.functional;

namespace Subp.Training.TorchSharp.Networks;

/// <summary>Means over windows, with every kind of padding that a graph can have.</summary>
internal static class AveragePooling
{
    /// <summary>The function of a pooling node.</summary>
    public static NodeFunction Of(Pool2d pool, TensorShape source, TensorShape target)
    {
        var window = pool.Window;
        long[] kernel = NodeFunctions.Pair(window.Kernel);
        long[] stride = NodeFunctions.Pair(window.Stride);
        if (NodeFunctions.IsEven(window.Padding) && NodeFunctions.IsWithinHalf(window) && pool.Overhang == default)
        {
            long[] padding = [window.Padding.Top, window.Padding.Left];
            return (x, _) => Functional.avg_pool2d(x[0], kernel, stride, padding, count_include_pad: pool.CountIncludesPadding);
        }

        // Sums over the padded image, times one over what each window counts.
        float[] shares = Shares(pool, source, target);
        return (x, _) =>
        {
            var sums = Functional.avg_pool2d(NodeFunctions.Padded(x[0], window.Padding, 0), kernel, stride, divisor_override: 1);
            return sums * from_array(shares).reshape(1, 1, target.Height, target.Width).to(sums.device);
        };
    }

    private static float[] Shares(Pool2d pool, TensorShape source, TensorShape target)
    {
        var shares = new float[target.Height * target.Width];
        for (int i = 0; i < shares.Length; i++)
            shares[i] = 1f / pool.CountedTaps(source.Height, source.Width, i / target.Width, i % target.Width);

        return shares;
    }
}
