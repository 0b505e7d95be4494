using Subp.Core.Graphs;
using Subp.Core.Inspection;

namespace Subp.Compression.Calibration;

/// <summary>
/// Images of noise with the spectrum of natural images, whose power falls with the square of the frequency (Field, 1987): white noise at
/// every scale, each scale adding as much as any other. They stand for inputs that nobody has.
/// </summary>
public static class NoiseImages
{
    private const ulong Seed = 1;
    private const int Most = 200;

    // Fewer leave the covariances of wide layers to chance.
    private const int Fewest = 32;

    // The reference interpreter does about a fifth of this a second.
    private const long MostMacs = 5_000_000_000;

    // Of the variance: red, green and blue of natural images go together.
    private const double ColourShare = 0.9;

    /// <summary>Whether a network takes one image or vector and is small enough to be run on noise within a minute or so.</summary>
    public static bool Suit(Graph graph) => graph.Inputs is [{ Shape.Rank: 2 or 4 }] && Count(graph) >= Fewest;

    /// <summary>As many inputs of a network as it takes, mean 0 and variance 1; the same for everybody.</summary>
    internal static IReadOnlyList<float[]> For(Graph graph)
    {
        var random = new NormalNumbers(Seed);
        var inputs = new float[Math.Max(Count(graph), Fewest)][];
        for (var index = 0; index < inputs.Length; index++)
            inputs[index] = Draw(graph.Inputs[0].Shape, random);
        double count = (double)inputs.Length * inputs[0].Length,
            mean = inputs.Sum(input => input.Sum(value => (double)value)) / count,
            deviation = Math.Sqrt(inputs.Sum(input => input.Sum(value => (value - mean) * (value - mean))) / count);
        return [.. inputs.Select(input => Array.ConvertAll(input, value => (float)((value - mean) / deviation)))];
    }

    private static int Count(Graph graph) =>
        (int)Math.Clamp(MostMacs / Math.Max(LayerCost.Total(graph).DenseMacs, 1), 1, Math.Max(Most / graph.Inputs[0].Shape.Batch, 1));

    private static float[] Draw(TensorShape shape, NormalNumbers random)
    {
        var values = new float[shape.ElementCount];
        if (!shape.IsImage)
            return [.. values.Select(_ => (float)random.Next())];
        var pixels = shape.Height * shape.Width;
        for (var image = 0; image < shape.Batch; image++)
        {
            var common = shape.Channels == 3 ? Field(shape.Height, shape.Width, random) : null;
            for (var channel = 0; channel < shape.Channels; channel++)
            {
                var own = Field(shape.Height, shape.Width, random);
                var target = values.AsSpan(((image * shape.Channels) + channel) * pixels, pixels);
                for (var pixel = 0; pixel < pixels; pixel++)
                    target[pixel] = (float)(
                        common is null ? own[pixel] : (Math.Sqrt(ColourShare) * common[pixel]) + (Math.Sqrt(1 - ColourShare) * own[pixel])
                    );
            }
        }

        return values;
    }

    private static double[] Field(int height, int width, NormalNumbers random)
    {
        var field = new double[height * width];
        for (var scale = 1; scale < 2 * Math.Max(height, width); scale *= 2)
        {
            int rows = ((height - 1) / scale) + 2,
                columns = ((width - 1) / scale) + 2;
            double[] grid = [.. Enumerable.Range(0, rows * columns).Select(_ => random.Next())];
            for (var y = 0; y < height; y++)
            {
                for (var x = 0; x < width; x++)
                {
                    double down = (double)(y % scale) / scale,
                        right = (double)(x % scale) / scale;
                    var corner = (y / scale * columns) + (x / scale);
                    // Weights whose squares add to 1, so that no scale has less variance between the points of its grid.
                    field[(y * width) + x] +=
                        (Math.Sqrt((1 - down) * (1 - right)) * grid[corner])
                        + (Math.Sqrt((1 - down) * right) * grid[corner + 1])
                        + (Math.Sqrt(down * (1 - right)) * grid[corner + columns])
                        + (Math.Sqrt(down * right) * grid[corner + columns + 1]);
                }
            }
        }

        return field;
    }

    /// <summary>Nearly normal numbers, the same on every machine: sums of uniform ones of SplitMix64 (Steele et al., 2014).</summary>
    private sealed class NormalNumbers(ulong seed)
    {
        private const int Terms = 12;
        private ulong _state = seed;

        public double Next()
        {
            // The variance of a uniform number is a twelfth.
            double sum = 0;
            for (var term = 0; term < Terms; term++)
                sum += Uniform() - 0.5;
            return sum;
        }

        private double Uniform()
        {
            _state = unchecked(_state + 0x9E3779B97F4A7C15);
            var mixed = unchecked((_state ^ (_state >> 30)) * 0xBF58476D1CE4E5B9);
            mixed = unchecked((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB);
            return ((mixed ^ (mixed >> 31)) >> 11) * (1.0 / (1UL << 53));
        }
    }
}
