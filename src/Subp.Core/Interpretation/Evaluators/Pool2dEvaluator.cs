using Subp.Core.Operators;

namespace Subp.Core.Interpretation.Evaluators;

/// <summary>Maximum and average pooling, one window at a time. Taps outside the image are skipped.</summary>
internal static class Pool2dEvaluator
{
    public static void Evaluate(Pool2d pool, Arguments arguments)
    {
        var (shape, output) = (arguments.OutputShape, arguments.Output);
        var (height, width) = (arguments.InputShape().Height, arguments.InputShape().Width);
        var target = 0;
        for (var plane = 0; plane < shape.Batch * shape.Channels; plane++)
        {
            var image = arguments.Input().AsSpan(plane * height * width, height * width);
            for (var row = 0; row < shape.Height; row++)
            {
                for (var column = 0; column < shape.Width; column++)
                {
                    var (largest, sum) = Window(pool, image, height, width, row, column);
                    output[target++] = pool.Kind == PoolKind.Maximum ? largest : sum / pool.CountedTaps(height, width, row, column);
                }
            }
        }
    }

    /// <summary>The largest element of the image in one window, and the sum of all.</summary>
    public static (double Largest, double Sum) Window(Pool2d pool, ReadOnlySpan<double> image, int height, int width, int row, int column)
    {
        var window = pool.Window;
        var (largest, sum) = (double.NegativeInfinity, 0.0);
        for (var u = 0; u < window.Kernel.Height; u++)
        {
            var y = (row * window.Stride.Height) - window.Padding.Top + (u * window.Dilation.Height);
            for (var v = 0; v < window.Kernel.Width; v++)
            {
                var x = (column * window.Stride.Width) - window.Padding.Left + (v * window.Dilation.Width);
                if (y < 0 || y >= height || x < 0 || x >= width)
                    continue;
                largest = Math.Max(largest, image[(y * width) + x]);
                sum += image[(y * width) + x];
            }
        }

        return (largest, sum);
    }
}
