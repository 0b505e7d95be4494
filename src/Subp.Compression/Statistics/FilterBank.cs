using Subp.Compression.Algebra;

namespace Subp.Compression.Statistics;

/// <summary>
/// The filters of a convolution or linear layer as linear forms over its input, of which means and covariances are known: they give means
/// and covariances of the outputs. The weight is [out, in / groups, taps].
/// </summary>
internal sealed class FilterBank
{
    private const int OutputsAtOnce = 8;

    private readonly int _taps;
    private readonly int _groupInputs;
    private readonly int _groupOutputs;

    // Per output [tap][input of its group]: sums over inputs run over what lies side by side.
    private readonly double[] _filters;

    public FilterBank(ReadOnlySpan<float> weights, int outputs, int taps, int groups = 1)
    {
        Outputs = outputs;
        _taps = taps;
        _groupInputs = weights.Length / (outputs * taps);
        _groupOutputs = outputs / groups;
        Inputs = _groupInputs * groups;
        _filters = new double[weights.Length];
        for (var output = 0; output < outputs; output++)
        {
            for (var input = 0; input < _groupInputs; input++)
            {
                for (var tap = 0; tap < taps; tap++)
                    _filters[(((output * taps) + tap) * _groupInputs) + input] = weights[(((output * _groupInputs) + input) * taps) + tap];
            }
        }
    }

    public int Outputs { get; }

    public int Inputs { get; }

    /// <summary>The weights of an output, [tap][input of its group].</summary>
    public ReadOnlySpan<double> Row(int output) => _filters.AsSpan(output * _taps * _groupInputs, _taps * _groupInputs);

    /// <summary>The mean of each output, from the mean of each input.</summary>
    public double[] Mean(double[] inputMean)
    {
        var mean = new double[Outputs];
        for (var output = 0; output < Outputs; output++)
        {
            for (var tap = 0; tap < _taps; tap++)
                mean[output] += Matrix.Dot(Filter(output, tap), inputMean.AsSpan(FirstInput(output), _groupInputs));
        }

        return mean;
    }

    /// <summary>
    /// Per output [taps, taps]: the covariance of what two taps add to it, if all taps saw the same pixel. Weighted with a correlation of
    /// taps and summed it is the variance of the output, for any correlation.
    /// </summary>
    public Matrix[] TapProducts(Matrix covariance)
    {
        var products = new Matrix[Outputs];
        ForPanels(outputs =>
        {
            var seen = Seen(outputs, covariance, first: FirstInput(outputs.Start.Value), _groupInputs);
            for (var output = outputs.Start.Value; output < outputs.End.Value; output++)
            {
                var product = new Matrix(_taps, _taps);
                for (var tap = 0; tap < _taps; tap++)
                {
                    for (var other = 0; other < _taps; other++)
                        product[tap, other] = Matrix.Dot(seen.Row(((output - outputs.Start.Value) * _taps) + tap), Filter(output, other));
                }

                products[output] = product;
            }
        });
        return products;
    }

    /// <summary>The variance of each output, for a correlation of taps.</summary>
    public static double[] Variance(IReadOnlyList<Matrix> tapProducts, Matrix tapCorrelation) =>
        [.. tapProducts.Select(product => Matrix.Dot(product.Values, tapCorrelation.Values))];

    /// <summary>The variance of each output.</summary>
    public double[] Variance(Matrix covariance, Matrix tapCorrelation) => Variance(TapProducts(covariance), tapCorrelation);

    /// <summary>The covariance of the outputs at one pixel.</summary>
    /// <param name="covariance">Of the inputs at one pixel.</param>
    /// <param name="tapCorrelation">[taps, taps].</param>
    public Matrix Covariance(Matrix covariance, Matrix tapCorrelation)
    {
        var result = new Matrix(Outputs, Outputs);
        ForPanels(outputs =>
        {
            var seen = Seen(outputs, covariance, first: 0, Inputs);
            var start = outputs.Start.Value;
            var mixed = new Matrix(seen.Rows, Inputs);
            for (var row = 0; row < mixed.Rows; row++)
            {
                for (var other = 0; other < _taps; other++)
                    Matrix.AddScaled(mixed.Row(row), tapCorrelation[row % _taps, other], seen.Row((row / _taps * _taps) + other));
            }

            ReadOnlySpan<double> MixedOf(int output, int tap, int other) =>
                mixed.Row(((output - start) * _taps) + tap).Slice(FirstInput(other), _groupInputs);

            // The filters of the other outputs are read once for all outputs of the panel.
            Span<double> part = stackalloc double[4];
            Span<double> sums = stackalloc double[4];
            for (var other = 0; other < outputs.End.Value; other++)
            {
                var output = Math.Max(start, other);
                for (; output <= outputs.End.Value - 4; output += 4)
                {
                    sums.Clear();
                    for (var tap = 0; tap < _taps; tap++)
                    {
                        Matrix.Dot(
                            Filter(other, tap),
                            MixedOf(output, tap, other),
                            MixedOf(output + 1, tap, other),
                            MixedOf(output + 2, tap, other),
                            MixedOf(output + 3, tap, other),
                            part
                        );
                        for (var one = 0; one < 4; one++)
                            sums[one] += part[one];
                    }

                    for (var one = 0; one < 4; one++)
                        result[output + one, other] = result[other, output + one] = sums[one];
                }

                for (; output < outputs.End.Value; output++)
                {
                    double sum = 0;
                    for (var tap = 0; tap < _taps; tap++)
                        sum += Matrix.Dot(Filter(other, tap), MixedOf(output, tap, other));
                    result[output, other] = result[other, output] = sum;
                }
            }
        });
        return result;
    }

    // Some outputs of one group together, so that a covariance that is larger than the caches is read once for all of them.
    private void ForPanels(Action<Range> action)
    {
        var perGroup = (_groupOutputs + OutputsAtOnce - 1) / OutputsAtOnce;
        Parallel.For(
            0,
            Outputs / _groupOutputs * perGroup,
            panel =>
            {
                var start = (panel / perGroup * _groupOutputs) + (panel % perGroup * OutputsAtOnce);
                action(start..Math.Min(start + OutputsAtOnce, ((panel / perGroup) + 1) * _groupOutputs));
            }
        );
    }

    // [outputs x taps, inputs]: what every input has in common with what a tap adds to an output.
    private Matrix Seen(Range outputs, Matrix covariance, int first, int count)
    {
        var start = outputs.Start.Value;
        var seen = new Matrix((outputs.End.Value - start) * _taps, count);
        ReadOnlySpan<double> FilterOf(int index) => Filter(start + (index / _taps), index % _taps);
        Span<double> sums = stackalloc double[4];
        for (var input = 0; input < count; input++)
        {
            var row = covariance.Row(first + input).Slice(FirstInput(start), _groupInputs);
            var index = 0;
            for (; index <= seen.Rows - 4; index += 4)
            {
                Matrix.Dot(row, FilterOf(index), FilterOf(index + 1), FilterOf(index + 2), FilterOf(index + 3), sums);
                for (var one = 0; one < 4; one++)
                    seen[index + one, input] = sums[one];
            }

            for (; index < seen.Rows; index++)
                seen[index, input] = Matrix.Dot(row, FilterOf(index));
        }

        return seen;
    }

    private int FirstInput(int output) => output / _groupOutputs * _groupInputs;

    private ReadOnlySpan<double> Filter(int output, int tap) => _filters.AsSpan(((output * _taps) + tap) * _groupInputs, _groupInputs);
}
