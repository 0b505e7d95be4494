using Subp.Core.Operators;

namespace Subp.Training.Tests.Engines;

/// <summary>The definition of a convolution and its three gradients, in double, one loop per index.</summary>
internal sealed class NaiveConvolution(int images, int inputChannels, int outputChannels, int height, int width, Window window, int groups)
{
    private readonly int _perGroup = inputChannels / groups;

    public int OutputHeight { get; } =
        (
            (height + window.Padding.Top + window.Padding.Bottom - (window.Dilation.Height * (window.Kernel.Height - 1)) - 1)
            / window.Stride.Height
        ) + 1;

    public int OutputWidth { get; } =
        (
            (width + window.Padding.Left + window.Padding.Right - (window.Dilation.Width * (window.Kernel.Width - 1)) - 1)
            / window.Stride.Width
        ) + 1;

    public int WeightCount => outputChannels * _perGroup * window.Kernel.Height * window.Kernel.Width;

    public double[] Forward<T>(T[] x, T[] w, T[]? bias)
        where T : struct, IConvertible
    {
        var y = new double[images * outputChannels * OutputHeight * OutputWidth];
        Visit((xi, wi, yi) => y[yi] += x[xi].ToDouble(null) * w[wi].ToDouble(null));
        for (int i = 0; bias is not null && i < y.Length; i++)
            y[i] += bias[i / (OutputHeight * OutputWidth) % outputChannels].ToDouble(null);

        return y;
    }

    public double[] InputGradient(float[] dy, float[] w)
    {
        var dx = new double[images * inputChannels * height * width];
        Visit((xi, wi, yi) => dx[xi] += (double)dy[yi] * w[wi]);
        return dx;
    }

    public double[] WeightGradient(float[] x, float[] dy)
    {
        var dw = new double[WeightCount];
        Visit((xi, wi, yi) => dw[wi] += (double)dy[yi] * x[xi]);
        return dw;
    }

    public double[] BiasGradient(float[] dy)
    {
        var db = new double[outputChannels];
        for (int i = 0; i < dy.Length; i++)
            db[i / (OutputHeight * OutputWidth) % outputChannels] += dy[i];

        return db;
    }

    private void Visit(Action<int, int, int> visit)
    {
        for (int n = 0; n < images; n++)
        {
            for (int o = 0; o < outputChannels; o++)
            {
                for (int c = 0; c < _perGroup; c++)
                    VisitPlane(n, o, c, visit);
            }
        }
    }

    private void VisitPlane(int n, int o, int c, Action<int, int, int> visit)
    {
        int channel = (o / (outputChannels / groups) * _perGroup) + c;
        for (int i = 0; i < OutputHeight * OutputWidth; i++)
        {
            for (int k = 0; k < window.Kernel.Height * window.Kernel.Width; k++)
            {
                int row =
                    (i / OutputWidth * window.Stride.Height) - window.Padding.Top + (k / window.Kernel.Width * window.Dilation.Height);
                int column =
                    (i % OutputWidth * window.Stride.Width) - window.Padding.Left + (k % window.Kernel.Width * window.Dilation.Width);
                if (row >= 0 && row < height && column >= 0 && column < width)
                {
                    visit(
                        (((((n * inputChannels) + channel) * height) + row) * width) + column,
                        (((o * _perGroup) + c) * window.Kernel.Height * window.Kernel.Width) + k,
                        (((n * outputChannels) + o) * OutputHeight * OutputWidth) + i
                    );
                }
            }
        }
    }
}
