using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Training.Engines;

namespace Subp.Training.Tests.Engines;

/// <summary>
/// The loss of a network in training mode, in double and straight from the definitions: the oracle of the gradient tests.
/// </summary>
internal sealed class DoubleNetwork(Graph graph, Dictionary<string, double[]> weights)
{
    // How far the statistics of each normalisation are from the stored ones, where these are used; else null.
    private List<double>? _distances;

    /// <summary>With stored statistics: the distance of those of the batch, and the cross entropy.</summary>
    public (double Distance, double CrossEntropy) Match(double[] images, int[] labels)
    {
        _distances = [];
        var loss = Loss(images, labels, smoothing: 0);
        var distance = _distances.Average();
        _distances = null;
        return (distance, loss);
    }

    public double Loss(double[] images, int[] labels, double smoothing, TeacherAnswers? teacher = null)
    {
        int n = labels.Length;
        var values = new Dictionary<string, double[]> { [graph.Inputs[0].Name] = images };
        foreach (var node in graph.Nodes)
        {
            var x = values[node.Inputs[0]];
            var from = graph.ShapeOf(node.Inputs[0]);
            values[node.Name] = node.Operator switch
            {
                Conv2d conv => Convolve(x, n, from, node, conv, node.Inputs.Count == 2 ? values[node.Inputs[1]] : null),
                Linear linear => new NaiveConvolution(n, from.Channels, node.Shape.Channels, 1, 1, Window.Square(1), 1).Forward(
                    x,
                    weights[linear.Weight],
                    linear.Bias is null ? null : weights[linear.Bias]
                ),
                BatchNorm norm => Normalise(x, n, from.Channels, norm),
                Activate activate => [.. x.Select(activate.Activation.Apply)],
                Add add => [.. x.Zip(values[node.Inputs[1]], (a, b) => add.Activation.Apply(a + b))],
                Pool2d pool => Pool(x, n, from, node.Shape, pool),
                GlobalAveragePool => Pool(x, n, from, node.Shape, new Pool2d { Kind = PoolKind.Average, Window = WholeOf(from) }),
                Mul mul => Product(x, values[node.Inputs[1]], mul.Activation),
                Pad pad => Padded(x, from, node.Shape, pad),
                ChannelShuffle shuffle => Shuffled(x, n, from, shuffle.Groups),
                Slice slice => Sliced(x, n, from, node.Shape, slice),
                Concat => Joined(node, n, values),
                Flatten or Softmax => x,
                _ => throw new NotSupportedException(node.Operator.Mnemonic),
            };
        }

        double plain = CrossEntropy(values[graph.Outputs[0]], labels, smoothing);
        return teacher is null
            ? plain
            : ((1 - teacher.Share) * plain) + (teacher.Share * Divergence(values[graph.Outputs[0]], labels.Length, teacher));
    }

    // T squared times the mean of KL(teacher || pupil).
    private static double Divergence(double[] logits, int images, TeacherAnswers teacher)
    {
        int classes = logits.Length / images;
        double sum = 0;
        for (int image = 0; image < images; image++)
        {
            double[] Probabilities(Func<int, double> value)
            {
                double[] powers = [.. Enumerable.Range(0, classes).Select(index => Math.Exp(value(index) / teacher.Temperature))];
                return [.. powers.Select(power => power / powers.Sum())];
            }

            int first = image * classes;
            double[] wanted = Probabilities(index => teacher.Logits.Span[first + index]);
            double[] given = Probabilities(index => logits[first + index]);
            sum += wanted.Zip(given, (p, q) => p * Math.Log(p / q)).Sum();
        }

        return sum * teacher.Temperature * teacher.Temperature / images;
    }

    private double[] Convolve(double[] x, int n, TensorShape from, GraphNode node, Conv2d conv, double[]? residual)
    {
        double[] y = new NaiveConvolution(n, from.Channels, node.Shape.Channels, from.Height, from.Width, conv.Window, conv.Groups).Forward(
            x,
            weights[conv.Weight],
            conv.Bias is null ? null : weights[conv.Bias]
        );
        return [.. y.Select((value, i) => conv.Activation.Apply(value + (residual is null ? 0 : residual[i])))];
    }

    private static Window WholeOf(TensorShape shape) => new(new Extent(shape.Height, shape.Width), Extent.One, Padding.None, Extent.One);

    private double[] Normalise(double[] x, int n, int channels, BatchNorm norm)
    {
        int plane = x.Length / n / channels;
        var y = new double[x.Length];
        double distance = 0;
        for (int c = 0; c < channels; c++)
        {
            int[] own = [.. Enumerable.Range(0, x.Length).Where(i => i / plane % channels == c)];
            double mean = own.Average(i => x[i]);
            double variance = own.Average(i => (x[i] - mean) * (x[i] - mean));
            if (_distances is not null)
            {
                var (storedMean, storedVariance) = (weights[norm.Mean][c], weights[norm.Variance][c]);
                distance +=
                    (Math.Pow(mean - storedMean, 2) + Math.Pow(Math.Sqrt(variance) - Math.Sqrt(storedVariance), 2))
                    / (storedVariance + norm.Epsilon);
                (mean, variance) = (storedMean, storedVariance);
            }

            foreach (int i in own)
                y[i] = (weights[norm.Scale][c] * (x[i] - mean) / Math.Sqrt(variance + norm.Epsilon)) + weights[norm.Shift][c];
        }

        _distances?.Add(distance / channels);
        return y;
    }

    // A gate has one factor per channel of an image.
    private static double[] Product(double[] x, double[] factor, Activation activation) =>
        [.. x.Select((value, i) => activation.Apply(value * factor[i / (x.Length / factor.Length)]))];

    private static double[] Padded(double[] x, TensorShape from, TensorShape to, Pad pad)
    {
        int planes = x.Length / (from.Height * from.Width);
        var y = new double[planes * to.Height * to.Width];
        for (int i = 0; i < y.Length; i++)
        {
            int row = (i / to.Width % to.Height) - pad.Padding.Top;
            int column = (i % to.Width) - pad.Padding.Left;
            bool isInside = row >= 0 && row < from.Height && column >= 0 && column < from.Width;
            y[i] = isInside ? x[(((i / (to.Width * to.Height) * from.Height) + row) * from.Width) + column] : pad.Value;
        }

        return y;
    }

    private static double[] Shuffled(double[] x, int n, TensorShape from, int groups)
    {
        int plane = x.Length / n / from.Channels;
        int perGroup = from.Channels / groups;
        var y = new double[x.Length];
        for (int i = 0; i < y.Length; i++)
        {
            int channel = i / plane % from.Channels;
            int source = (channel % groups * perGroup) + (channel / groups);
            y[i] = x[i + ((source - channel) * plane)];
        }

        return y;
    }

    private static double[] Joined(GraphNode node, int n, Dictionary<string, double[]> values)
    {
        var y = new List<double>();
        for (int image = 0; image < n; image++)
        {
            foreach (string input in node.Inputs)
                y.AddRange(values[input].AsSpan(image * values[input].Length / n, values[input].Length / n));
        }

        return [.. y];
    }

    private static double[] Sliced(double[] x, int n, TensorShape from, TensorShape to, Slice slice)
    {
        int[] extents = [n, .. to.Dimensions.Skip(1)];
        int[] sources = [n, .. from.Dimensions.Skip(1)];
        var y = new double[extents.Aggregate(1, (a, b) => a * b)];
        for (int i = 0; i < y.Length; i++)
        {
            int rest = i;
            int position = 0;
            int stride = 1;
            for (int axis = extents.Length - 1; axis >= 0; axis--)
            {
                int index = rest % extents[axis];
                rest /= extents[axis];
                position += stride * (axis == slice.Axis ? slice.Begin + (index * slice.Step) : index);
                stride *= sources[axis];
            }

            y[i] = x[position];
        }

        return y;
    }

    private static double[] Pool(double[] x, int n, TensorShape from, TensorShape to, Pool2d pool)
    {
        var window = pool.Window;
        var y = new double[n * to.Channels * to.Height * to.Width];
        for (int i = 0; i < y.Length; i++)
        {
            int plane = i / (to.Height * to.Width);
            var taps = new List<double>();
            for (int k = 0; k < window.Kernel.Height * window.Kernel.Width; k++)
            {
                int row =
                    (i / to.Width % to.Height * window.Stride.Height)
                    - window.Padding.Top
                    + (k / window.Kernel.Width * window.Dilation.Height);
                int column = (i % to.Width * window.Stride.Width) - window.Padding.Left + (k % window.Kernel.Width * window.Dilation.Width);
                if (row >= 0 && row < from.Height && column >= 0 && column < from.Width)
                    taps.Add(x[(((plane * from.Height) + row) * from.Width) + column]);
            }

            int counted = taps.Count;
            if (pool.CountIncludesPadding)
            {
                int top = (i / to.Width % to.Height * window.Stride.Height) - window.Padding.Top;
                int left = (i % to.Width * window.Stride.Width) - window.Padding.Left;
                int bottom = Math.Min(top + window.Kernel.Height, from.Height + window.Padding.Bottom - pool.Overhang.Height);
                int right = Math.Min(left + window.Kernel.Width, from.Width + window.Padding.Right - pool.Overhang.Width);
                counted = (bottom - top) * (right - left);
            }

            y[i] = pool.Kind == PoolKind.Maximum ? taps.Max() : taps.Sum() / counted;
        }

        return y;
    }

    private static double CrossEntropy(double[] logits, int[] labels, double smoothing)
    {
        int classes = logits.Length / labels.Length;
        double loss = 0;
        for (int image = 0; image < labels.Length; image++)
        {
            double[] row = logits[(image * classes)..((image + 1) * classes)];
            double logSum = Math.Log(row.Sum(Math.Exp));
            loss += logSum - ((1 - smoothing) * row[labels[image]]) - (smoothing / classes * row.Sum());
        }

        return loss / labels.Length;
    }
}
