using Subp.Core.Graphs;
using Subp.Core.Inspection;

namespace Subp.Compression.Calibration;

/// <summary>
/// Images that stand for inputs nobody has. Every second one is noise with the spectrum of natural images, whose power falls with the
/// square of the frequency (Field, 1987). The others are dead leaves: discs and rectangles of any size that cover each other, which have
/// the edges and the even areas of natural images (Lee et al., 2001). On the three trained
/// networks of docs/compression.md both together lost less at half of all blocks than noise alone.
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

    /// <summary>Whether a network takes images or vectors and is small enough to be run on noise within a minute or so.</summary>
    public static bool Suit(Graph graph) =>
        graph.Inputs.All(input => input.Shape.Rank is 2 or 4) && Count(graph) * graph.Inputs[0].Shape.Batch >= Fewest;

    /// <summary>
    /// As many inputs of a network as it takes, each of mean 0 and variance 1; the same for everybody. Of a network with several inputs
    /// each holds all of them.
    /// </summary>
    internal static IReadOnlyList<float[]> For(Graph graph)
    {
        var random = new NormalNumbers(Seed);
        var batch = graph.Inputs[0].Shape.Batch;
        var count = Math.Max(Count(graph), (Fewest + batch - 1) / batch);
        var joined = Enumerable.Repeat(Array.Empty<float>(), count).ToArray();
        foreach (var input in graph.Inputs)
        {
            var own = Of(input.Shape, count, random);
            for (var index = 0; index < count; index++)
                joined[index] = joined[index].Length == 0 ? own[index] : [.. joined[index], .. own[index]];
        }

        return joined;
    }

    private static float[][] Of(TensorShape shape, int count, NormalNumbers random)
    {
        var inputs = new float[count][];
        for (var index = 0; index < count; index++)
            inputs[index] = Draw(shape, random, index % 2 == 0 ? Field : Leaves);
        // Each kind by itself, so that one does not drown the other.
        foreach (var kind in new[] { 0, 1 })
        {
            float[][] own = [.. inputs.Where((_, index) => index % 2 == kind)];
            double numbers = (double)own.Length * own[0].Length,
                mean = own.Sum(input => input.Sum(value => (double)value)) / numbers,
                deviation = Math.Sqrt(own.Sum(input => input.Sum(value => (value - mean) * (value - mean))) / numbers);
            foreach (var input in own)
            {
                for (var index = 0; index < input.Length; index++)
                    input[index] = (float)((input[index] - mean) / deviation);
            }
        }

        return inputs;
    }

    private static int Count(Graph graph) =>
        (int)Math.Clamp(MostMacs / Math.Max(LayerCost.Total(graph).DenseMacs, 1), 1, Math.Max(Most / graph.Inputs[0].Shape.Batch, 1));

    private static float[] Draw(TensorShape shape, NormalNumbers random, Func<int, int, NormalNumbers, double[]> draw)
    {
        var values = new float[shape.ElementCount];
        if (!shape.IsImage)
            return [.. values.Select(_ => (float)random.Next())];
        var pixels = shape.Height * shape.Width;
        for (var image = 0; image < shape.Batch; image++)
        {
            var common = shape.Channels == 3 ? draw(shape.Height, shape.Width, random) : null;
            for (var channel = 0; channel < shape.Channels; channel++)
            {
                var own = draw(shape.Height, shape.Width, random);
                var target = values.AsSpan(((image * shape.Channels) + channel) * pixels, pixels);
                for (var pixel = 0; pixel < pixels; pixel++)
                    target[pixel] = (float)(
                        common is null ? own[pixel] : (Math.Sqrt(ColourShare) * common[pixel]) + (Math.Sqrt(1 - ColourShare) * own[pixel])
                    );
            }
        }

        return values;
    }

    // Waves of all frequencies with random phases, as high as they are long.
    private static double[] Field(int height, int width, NormalNumbers random)
    {
        var rows = Waves(height);
        var columns = Waves(width);
        // First along columns, then along rows: real and imaginary parts of the sums so far.
        double[] real = new double[height * width],
            imaginary = new double[height * width];
        for (var down = 0; down < height; down++)
        {
            for (var right = 0; right < width; right++)
            {
                double vertical = Frequency(down, height),
                    horizontal = Frequency(right, width),
                    frequency = Math.Max(Math.Sqrt((vertical * vertical) + (horizontal * horizontal)), 1.0 / Math.Max(height, width)),
                    a = random.Next() / frequency,
                    b = random.Next() / frequency;
                for (var x = 0; x < width; x++)
                {
                    var (cosine, sine) = columns[right * x % width];
                    real[(down * width) + x] += (a * cosine) - (b * sine);
                    imaginary[(down * width) + x] += (a * sine) + (b * cosine);
                }
            }
        }

        var field = new double[height * width];
        for (var y = 0; y < height; y++)
        {
            for (var down = 0; down < height; down++)
            {
                var (cosine, sine) = rows[down * y % height];
                for (var x = 0; x < width; x++)
                    field[(y * width) + x] += (real[(down * width) + x] * cosine) - (imaginary[(down * width) + x] * sine);
            }
        }

        return field;
    }

    private static (double Cosine, double Sine)[] Waves(int length) =>
        [.. Enumerable.Range(0, length).Select(step => (Math.Cos(2 * Math.PI * step / length), Math.Sin(2 * Math.PI * step / length)))];

    // In periods of a pixel, the second half of the waves being those that run the other way.
    private static double Frequency(int wave, int length) => (double)Math.Min(wave, length - wave) / length;

    private static double[] Leaves(int height, int width, NormalNumbers random)
    {
        const int Fewest = 3;
        const int More = 21;
        const double Grain = 0.05;
        const double Slope = 0.3;
        var field = new double[height * width];
        Array.Fill(field, random.Next());
        var extent = Math.Max(height, width);
        for (var left = Fewest + (int)(random.Uniform() * More); left > 0; left--)
        {
            double length = (extent * 0.5 * Math.Pow(random.Uniform(), 1.5)) + (extent / 19.0),
                breadth = length * (0.4 + random.Uniform()),
                row = random.Uniform() * height,
                column = random.Uniform() * width,
                angle = random.Uniform() * Math.PI,
                grey = random.Next(),
                slope = Slope * random.Next();
            var isDisc = random.Uniform() < 2.0 / 3;
            for (var pixel = 0; pixel < field.Length; pixel++)
            {
                double down = (pixel / width) - row,
                    right = (pixel % width) - column,
                    along = ((down * Math.Cos(angle)) + (right * Math.Sin(angle))) / length,
                    across = ((right * Math.Cos(angle)) - (down * Math.Sin(angle))) / breadth;
                if (isDisc ? (along * along) + (across * across) < 1 : Math.Abs(along) < 1 && Math.Abs(across) < 1)
                    field[pixel] = grey + (slope * along);
            }
        }

        for (var pixel = 0; pixel < field.Length; pixel++)
            field[pixel] += Grain * random.Next();
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

        public double Uniform()
        {
            _state = unchecked(_state + 0x9E3779B97F4A7C15);
            var mixed = unchecked((_state ^ (_state >> 30)) * 0xBF58476D1CE4E5B9);
            mixed = unchecked((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB);
            return ((mixed ^ (mixed >> 31)) >> 11) * (1.0 / (1UL << 53));
        }
    }
}
