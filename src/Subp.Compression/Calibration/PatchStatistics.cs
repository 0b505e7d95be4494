using Subp.Compression.Algebra;
using Subp.Compression.Propagation;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compression.Calibration;

/// <summary>
/// What a layer of a changed network reads, and what the original layer computes at the same places of the same inputs: all that a least
/// squares fit of the one to the other needs.
/// </summary>
/// <param name="Inputs">The mean of each input: [channels x taps], the taps of a channel side by side.</param>
/// <param name="Products">The covariance of the inputs.</param>
/// <param name="Outputs">The mean of each output of the original, without its bias.</param>
/// <param name="Targets">[inputs, outputs]: the covariance of what the changed layer reads with what the original computes.</param>
/// <param name="Variance">The variance of each output of the original.</param>
internal sealed record PatchStatistics(double[] Inputs, Matrix Products, double[] Outputs, Matrix Targets, double[] Variance)
{
    // Neighbouring places say nearly the same; more of them cost time and add little.
    private const int MostPlaces = 16_384;
    private const int PlacesPerStep = 1024;

    /// <summary>Measures a convolution without channel groups, or a linear layer, whose features then are its channels.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="form">The layer.</param>
    /// <param name="weight">The weight of the original, [outputs, channels, taps].</param>
    /// <param name="original">The input of the layer in the original, for every input of the set.</param>
    /// <param name="changed">The same in the changed network.</param>
    public static PatchStatistics Measure(
        Graph graph,
        LayerForm form,
        float[] weight,
        IReadOnlyList<float[]> original,
        IReadOnlyList<float[]> changed
    )
    {
        var width = weight.Length / form.Outputs;
        var filters = new Matrix(form.Outputs, width, Array.ConvertAll(weight, value => (double)value));
        var patches = new PatchReader(graph.ShapeOf(form.Node.Inputs[0]), form.Node, width);
        var all = (long)original.Count * patches.PlacesPerInput;
        var count = (int)Math.Min(all, MostPlaces);
        double[] inputs = new double[width],
            outputs = new double[form.Outputs],
            variance = new double[form.Outputs];
        Matrix products = new(width, width),
            targets = new(width, form.Outputs);
        for (var first = 0; first < count; first += PlacesPerStep)
        {
            long[] places = [.. Enumerable.Range(first, Math.Min(PlacesPerStep, count - first)).Select(index => Place(index, count, all))];
            Matrix before = patches.Read(original, places),
                now = patches.Read(changed, places),
                wanted = new(form.Outputs, places.Length);
            Parallel.For(
                0,
                form.Outputs,
                output =>
                {
                    for (var input = 0; input < width; input++)
                        Matrix.AddScaled(wanted.Row(output), filters[output, input], before.Row(input));
                    outputs[output] += Sum(wanted.Row(output));
                    variance[output] += Matrix.Dot(wanted.Row(output), wanted.Row(output));
                }
            );
            Parallel.For(
                0,
                width,
                row =>
                {
                    inputs[row] += Sum(now.Row(row));
                    for (var column = 0; column <= row; column++)
                        products[row, column] += Matrix.Dot(now.Row(row), now.Row(column));
                    for (var output = 0; output < form.Outputs; output++)
                        targets[row, output] += Matrix.Dot(now.Row(row), wanted.Row(output));
                }
            );
        }

        for (var index = 0; index < inputs.Length; index++)
            inputs[index] /= count;
        for (var index = 0; index < outputs.Length; index++)
        {
            outputs[index] /= count;
            variance[index] = (variance[index] / count) - (outputs[index] * outputs[index]);
        }

        for (var row = 0; row < width; row++)
        {
            for (var column = 0; column <= row; column++)
                products[row, column] = products[column, row] = (products[row, column] / count) - (inputs[row] * inputs[column]);
            for (var output = 0; output < form.Outputs; output++)
                targets[row, output] = (targets[row, output] / count) - (inputs[row] * outputs[output]);
        }

        return new PatchStatistics(inputs, products, outputs, targets, variance);
    }

    /// <summary>The covariance of channels, the mean over taps.</summary>
    public Matrix ChannelCovariance(int taps)
    {
        var channels = Products.Rows / taps;
        var result = new Matrix(channels, channels);
        for (var row = 0; row < channels; row++)
        {
            for (var column = 0; column < channels; column++)
            {
                for (var tap = 0; tap < taps; tap++)
                    result[row, column] += Products[(row * taps) + tap, (column * taps) + tap] / taps;
            }
        }

        return result;
    }

    // Multiples of the golden ratio spread evenly and follow no row or column of an image.
    private static long Place(int index, int count, long all)
    {
        const double Golden = 0.6180339887498949;
        return all == count ? index : Math.Min((long)(index * Golden % 1 * all), all - 1);
    }

    private static double Sum(ReadOnlySpan<double> values)
    {
        double sum = 0;
        foreach (var value in values)
            sum += value;
        return sum;
    }

    /// <summary>Reads what a layer sees at one place of its output.</summary>
    private sealed class PatchReader(TensorShape shape, GraphNode node, int width)
    {
        private readonly Window _window = node.Operator is Conv2d convolution ? convolution.Window : Window.Square(1);
        private readonly bool _isImage = node.Operator is Conv2d;

        public int PlacesPerInput => shape.Batch * (_isImage ? node.Shape.Height * node.Shape.Width : 1);

        // [inputs of the filters, places]; beyond the rim there are zeros.
        public Matrix Read(IReadOnlyList<float[]> values, long[] places)
        {
            var result = new Matrix(width, places.Length);
            for (var index = 0; index < places.Length; index++)
            {
                var place = (int)(places[index] % PlacesPerInput);
                var input = values[(int)(places[index] / PlacesPerInput)];
                if (_isImage)
                    ReadImage(result, index, input, place);
                else
                {
                    for (var feature = 0; feature < width; feature++)
                        result[feature, index] = input[(place * width) + feature];
                }
            }

            return result;
        }

        private void ReadImage(Matrix result, int index, float[] input, int place)
        {
            var pixels = node.Shape.Height * node.Shape.Width;
            var image = place / pixels;
            int top = (place % pixels / node.Shape.Width * _window.Stride.Height) - _window.Padding.Top,
                left = (place % node.Shape.Width * _window.Stride.Width) - _window.Padding.Left;
            var row = 0;
            for (var channel = 0; channel < shape.Channels; channel++)
            {
                var plane = input.AsSpan(((image * shape.Channels) + channel) * shape.Height * shape.Width, shape.Height * shape.Width);
                for (var tap = 0; tap < _window.Kernel.Height * _window.Kernel.Width; tap++, row++)
                {
                    int y = top + (tap / _window.Kernel.Width * _window.Dilation.Height),
                        x = left + (tap % _window.Kernel.Width * _window.Dilation.Width);
                    if (y >= 0 && y < shape.Height && x >= 0 && x < shape.Width)
                        result[row, index] = plane[(y * shape.Width) + x];
                }
            }
        }
    }
}
