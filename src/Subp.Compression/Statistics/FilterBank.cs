using Subp.Compression.Algebra;

namespace Subp.Compression.Statistics;

/// <summary>
/// The filters of a convolution or linear layer as linear forms over its input, of which means and covariances are known: they give means
/// and covariances of the outputs. The weight is [out, in / groups, taps].
/// </summary>
internal sealed class FilterBank
{
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
        Parallel.For(
            0,
            Outputs,
            output =>
            {
                var first = FirstInput(output);
                var seen = new double[_groupInputs];
                var product = new Matrix(_taps, _taps);
                for (var tap = 0; tap < _taps; tap++)
                {
                    for (var input = 0; input < _groupInputs; input++)
                        seen[input] = Matrix.Dot(covariance.Row(first + input).Slice(first, _groupInputs), Filter(output, tap));
                    for (var other = 0; other < _taps; other++)
                        product[tap, other] = Matrix.Dot(seen, Filter(output, other));
                }

                products[output] = product;
            }
        );
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
        Parallel.For(
            0,
            Outputs,
            output =>
            {
                var mixed = Mixed(output, covariance, tapCorrelation);
                for (var other = 0; other <= output; other++)
                {
                    double sum = 0;
                    for (var tap = 0; tap < _taps; tap++)
                        sum += Matrix.Dot(mixed.Row(tap).Slice(FirstInput(other), _groupInputs), Filter(other, tap));
                    result[output, other] = result[other, output] = sum;
                }
            }
        );
        return result;
    }

    // [taps, inputs]: what every tap of every input has in common with one output.
    private Matrix Mixed(int output, Matrix covariance, Matrix tapCorrelation)
    {
        var seen = new Matrix(_taps, Inputs);
        for (var tap = 0; tap < _taps; tap++)
        {
            for (var input = 0; input < Inputs; input++)
                seen[tap, input] = Matrix.Dot(covariance.Row(input).Slice(FirstInput(output), _groupInputs), Filter(output, tap));
        }

        var mixed = new Matrix(_taps, Inputs);
        for (var tap = 0; tap < _taps; tap++)
        {
            for (var other = 0; other < _taps; other++)
                Matrix.AddScaled(mixed.Row(tap), tapCorrelation[tap, other], seen.Row(other));
        }

        return mixed;
    }

    private int FirstInput(int output) => output / _groupOutputs * _groupInputs;

    private ReadOnlySpan<double> Filter(int output, int tap) => _filters.AsSpan(((output * _taps) + tap) * _groupInputs, _groupInputs);
}
