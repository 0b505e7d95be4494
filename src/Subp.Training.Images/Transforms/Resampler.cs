using Subp.Training.Images.Decoding;

namespace Subp.Training.Images.Transforms;

/// <summary>
/// Resizes with a triangle filter whose support grows with the reduction, so that small pictures of large images are averages and not
/// samples: what the common image libraries of Python call bilinear. Sums in double and in a fixed order, the same on every processor.
/// </summary>
internal static class Resampler
{
    /// <summary>Carries out a plan and normalises.</summary>
    /// <param name="image">The image.</param>
    /// <param name="plan">What of it becomes the input.</param>
    /// <param name="levels">[3][256]: the input for each value of each channel is interpolated between these.</param>
    /// <param name="width">The width of the input.</param>
    /// <param name="height">The height of the input.</param>
    /// <param name="target">[3][height][width].</param>
    public static void Resample(
        RgbImage image,
        CropPlan plan,
        IReadOnlyList<(float Scale, float Shift)> levels,
        int width,
        int height,
        Span<float> target
    )
    {
        var columns = Taps.Of(plan.Width, plan.ScaledWidth, plan.OffsetX, width);
        var rows = Taps.Of(plan.Height, plan.ScaledHeight, plan.OffsetY, height);
        int firstRow = rows.First.Min();
        int lastRow = rows.First.Zip(rows.Weights, (first, weights) => first + weights.Length).Max();
        var narrowed = new double[(lastRow - firstRow) * width * levels.Count];
        for (int row = firstRow; row < lastRow; row++)
            Narrow(image, plan, row, columns, levels.Count, narrowed.AsSpan((row - firstRow) * width * levels.Count, width * levels.Count));

        for (int y = 0; y < height; y++)
        {
            double[] weights = rows.Weights[y];
            int first = rows.First[y] - firstRow;
            for (int x = 0; x < width; x++)
            {
                int column = plan.Flip ? width - 1 - x : x;
                for (int channel = 0; channel < levels.Count; channel++)
                {
                    double sum = 0;
                    for (int tap = 0; tap < weights.Length; tap++)
                        sum += weights[tap] * narrowed[((((first + tap) * width) + column) * levels.Count) + channel];

                    target[(((channel * height) + y) * width) + x] = ((float)sum * levels[channel].Scale) + levels[channel].Shift;
                }
            }
        }
    }

    private static void Narrow(RgbImage image, CropPlan plan, int row, Taps columns, int channels, Span<double> result)
    {
        int start = (((plan.Top + row) * image.Width) + plan.Left) * RgbImage.BytesPerPixel;
        for (int x = 0; x < columns.First.Length; x++)
        {
            double[] weights = columns.Weights[x];
            int position = start + (columns.First[x] * RgbImage.BytesPerPixel);
            for (int channel = 0; channel < channels; channel++)
            {
                double sum = 0;
                for (int tap = 0; tap < weights.Length; tap++)
                    sum += weights[tap] * image.Pixels[position + (tap * RgbImage.BytesPerPixel) + channel];

                result[(x * channels) + channel] = sum;
            }
        }
    }

    /// <summary>Which pixels of the source make each pixel of the result, along one axis.</summary>
    /// <param name="First">The first pixel.</param>
    /// <param name="Weights">The weights of it and of those behind it; their sum is one.</param>
    private sealed record Taps(int[] First, double[][] Weights)
    {
        public static Taps Of(int source, int scaled, int offset, int count)
        {
            double scale = (double)source / scaled;
            double support = Math.Max(scale, 1);
            var first = new int[count];
            var weights = new double[count][];
            for (int i = 0; i < count; i++)
            {
                double centre = (offset + i + 0.5) * scale;
                int begin = Math.Max(0, (int)(centre - support + 0.5));
                int end = Math.Min(source, (int)(centre + support + 0.5));
                var taps = new double[end - begin];
                for (int tap = 0; tap < taps.Length; tap++)
                    taps[tap] = Math.Max(0, 1 - Math.Abs((begin + tap + 0.5 - centre) / support));

                double sum = taps.Sum();
                (first[i], weights[i]) = (begin, [.. taps.Select(tap => tap / sum)]);
            }

            return new Taps(first, weights);
        }
    }
}
