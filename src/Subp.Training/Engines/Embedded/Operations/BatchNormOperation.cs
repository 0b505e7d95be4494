using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Subp.Core.Operators;
using Subp.Training.Engines.Embedded.Kernels;

namespace Subp.Training.Engines.Embedded.Operations;

/// <summary>
/// Batch normalisation with the clamp that follows it. Training uses the statistics of the batch and moves the running ones
/// towards them; evaluation uses the running ones.
/// </summary>
internal sealed unsafe class BatchNormOperation : EngineOperation
{
    private readonly BlockedTensor _source;
    private readonly BlockedTensor _target;
    private readonly TrainedParameter _scale;
    private readonly TrainedParameter _shift;
    private readonly TrainedParameter _mean;
    private readonly TrainedParameter _variance;
    private readonly float _epsilon;
    private readonly Activation _activation;
    private readonly double[] _sums;
    private readonly double[] _squares;
    private readonly AlignedBuffer _center;
    private readonly AlignedBuffer _factor;
    private readonly AlignedBuffer _offset;
    private readonly float[] _inverseDeviation;

    /// <summary>Prepares a normalisation.</summary>
    public BatchNormOperation(
        BlockedTensor source,
        BlockedTensor target,
        TrainedParameter scale,
        TrainedParameter shift,
        TrainedParameter mean,
        TrainedParameter variance,
        float epsilon,
        Activation activation
    )
    {
        _source = source;
        _target = target;
        _scale = scale;
        _shift = shift;
        _mean = mean;
        _variance = variance;
        _epsilon = epsilon;
        _activation = activation;
        int lanes = source.Blocks * MicroKernel.Lanes;
        _sums = new double[BatchContext.MaximumChunks * lanes];
        _squares = new double[BatchContext.MaximumChunks * lanes];
        _center = new AlignedBuffer(lanes);
        _factor = new AlignedBuffer(lanes);
        _offset = new AlignedBuffer(lanes);
        _inverseDeviation = new float[lanes];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<TrainedParameter> Parameters => [_scale, _shift];

    private int Lanes => _source.Blocks * MicroKernel.Lanes;

    /// <inheritdoc/>
    public override void Forward(BatchContext batch)
    {
        if (batch.Training)
        {
            MeasureBatch(batch);
        }
        else
        {
            for (int c = 0; c < _source.Channels; c++)
            {
                float factor = _scale.Values[c] / MathF.Sqrt(_variance.Values[c] + _epsilon);
                _factor.Pointer[c] = factor;
                _offset.Pointer[c] = _shift.Values[c] - (factor * _mean.Values[c]);
            }
        }

        batch.Team.Run(
            batch.Chunks,
            (chunk, _) =>
            {
                int first = batch.FirstImage(chunk);
                long length = (long)(batch.EndImage(chunk) - first) * _source.Pixels * MicroKernel.Lanes;
                for (int block = 0; block < _source.Blocks; block++)
                {
                    int lane = block * MicroKernel.Lanes;
                    Scale(
                        _source.ValuesAt(block, first),
                        _target.ValuesAt(block, first),
                        length,
                        _factor.Pointer + lane,
                        _offset.Pointer + lane,
                        _activation
                    );
                }
            }
        );
    }

    /// <inheritdoc/>
    public override void Backward(BatchContext batch)
    {
        batch.Team.Run(
            batch.Chunks,
            (chunk, _) =>
            {
                int first = batch.FirstImage(chunk);
                int images = batch.EndImage(chunk) - first;
                for (int block = 0; block < _source.Blocks; block++)
                {
                    int lane = block * MicroKernel.Lanes;
                    GradientSums(
                        _source.ValuesAt(block, first),
                        _target.ValuesAt(block, first),
                        _target.GradientAt(block, first),
                        images,
                        _source.Pixels,
                        _center.Pointer + lane,
                        _activation,
                        _sums.AsSpan((chunk * Lanes) + lane, MicroKernel.Lanes),
                        _squares.AsSpan((chunk * Lanes) + lane, MicroKernel.Lanes)
                    );
                }
            }
        );
        CollectGradients(batch, out var slope, out var constant);
        if (!_source.NeedsGradient)
            return;

        bool accumulate = _source.ClaimGradient();
        batch.Team.Run(
            batch.Chunks,
            (chunk, _) =>
            {
                int first = batch.FirstImage(chunk);
                long length = (long)(batch.EndImage(chunk) - first) * _source.Pixels * MicroKernel.Lanes;
                for (int block = 0; block < _source.Blocks; block++)
                {
                    int lane = block * MicroKernel.Lanes;
                    InputGradient(
                        _source.ValuesAt(block, first),
                        _target.ValuesAt(block, first),
                        _target.GradientAt(block, first),
                        _source.GradientAt(block, first),
                        length,
                        _factor.Pointer + lane,
                        slope.AsSpan(lane),
                        constant.AsSpan(lane),
                        _activation,
                        accumulate
                    );
                }
            }
        );
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _center.Dispose();
        _factor.Dispose();
        _offset.Dispose();
    }

    private void MeasureBatch(BatchContext batch)
    {
        // Sums are taken around one value of the channel, so that a mean far from zero does not eat the digits of the variance.
        for (int block = 0; block < _source.Blocks; block++)
        {
            for (int lane = 0; lane < MicroKernel.Lanes; lane++)
                _center.Pointer[(block * MicroKernel.Lanes) + lane] = _source.ValuesAt(block, 0)[lane];
        }

        batch.Team.Run(
            batch.Chunks,
            (chunk, _) =>
            {
                int first = batch.FirstImage(chunk);
                int images = batch.EndImage(chunk) - first;
                for (int block = 0; block < _source.Blocks; block++)
                {
                    int lane = block * MicroKernel.Lanes;
                    Moments(
                        _source.ValuesAt(block, first),
                        images,
                        _source.Pixels,
                        _center.Pointer + lane,
                        _sums.AsSpan((chunk * Lanes) + lane, MicroKernel.Lanes),
                        _squares.AsSpan((chunk * Lanes) + lane, MicroKernel.Lanes)
                    );
                }
            }
        );

        double count = (double)batch.Images * _source.Pixels;
        for (int c = 0; c < _source.Channels; c++)
        {
            var (sum, square) = Collect(batch.Chunks, c);
            double shifted = sum / count;
            double mean = _center.Pointer[c] + shifted;
            double variance = Math.Max(0, (square / count) - (shifted * shifted));
            double inverse = 1.0 / Math.Sqrt(variance + _epsilon);
            _inverseDeviation[c] = (float)inverse;
            _center.Pointer[c] = (float)mean;
            _factor.Pointer[c] = (float)(_scale.Values[c] * inverse);
            _offset.Pointer[c] = (float)(_shift.Values[c] - (_scale.Values[c] * inverse * mean));
            double unbiased = count > 1 ? variance * count / (count - 1) : variance;
            _mean.Values[c] += TrainedNetwork.StatisticsMomentum * ((float)mean - _mean.Values[c]);
            _variance.Values[c] += TrainedNetwork.StatisticsMomentum * ((float)unbiased - _variance.Values[c]);
        }
    }

    private void CollectGradients(BatchContext batch, out float[] slope, out float[] constant)
    {
        slope = new float[Lanes];
        constant = new float[Lanes];
        double count = (double)batch.Images * _source.Pixels;
        for (int c = 0; c < _source.Channels; c++)
        {
            var (sum, product) = Collect(batch.Chunks, c);
            double scaled = product * _inverseDeviation[c];
            _shift.Gradient[c] = (float)sum;
            _scale.Gradient[c] = (float)scaled;
            // dx = factor * (g - sum / n - xhat * scaled / n), with xhat = (x - mean) / deviation.
            double perValue = -_factor.Pointer[c] * scaled * _inverseDeviation[c] / count;
            slope[c] = (float)perValue;
            constant[c] = (float)((-_factor.Pointer[c] * sum / count) - (perValue * _center.Pointer[c]));
        }
    }

    private (double First, double Second) Collect(int chunks, int channel)
    {
        double first = 0;
        double second = 0;
        for (int chunk = 0; chunk < chunks; chunk++)
        {
            first += _sums[(chunk * Lanes) + channel];
            second += _squares[(chunk * Lanes) + channel];
        }

        return (first, second);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scale(float* from, float* to, long length, float* factor, float* offset, Activation activation)
    {
        var factorLow = Vector256.Load(factor);
        var factorHigh = Vector256.Load(factor + 8);
        var offsetLow = Vector256.Load(offset);
        var offsetHigh = Vector256.Load(offset + 8);
        var minimum = Vector256.Create(activation.Minimum);
        var maximum = Vector256.Create(activation.Maximum);
        for (float* end = from + length; from < end; from += 16, to += 16)
        {
            var low = Vector256.MultiplyAddEstimate(Vector256.LoadAligned(from), factorLow, offsetLow);
            var high = Vector256.MultiplyAddEstimate(Vector256.LoadAligned(from + 8), factorHigh, offsetHigh);
            Clamp.Apply(low, minimum, maximum).StoreAligned(to);
            Clamp.Apply(high, minimum, maximum).StoreAligned(to + 8);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Moments(float* from, int images, int pixels, float* center, Span<double> sums, Span<double> squares)
    {
        sums.Clear();
        squares.Clear();
        var centerLow = Vector256.Load(center);
        var centerHigh = Vector256.Load(center + 8);
        for (int image = 0; image < images; image++)
        {
            var sumLow = Vector256<float>.Zero;
            var sumHigh = Vector256<float>.Zero;
            var squareLow = Vector256<float>.Zero;
            var squareHigh = Vector256<float>.Zero;
            for (float* end = from + (pixels * 16L); from < end; from += 16)
            {
                var low = Vector256.LoadAligned(from) - centerLow;
                var high = Vector256.LoadAligned(from + 8) - centerHigh;
                sumLow += low;
                sumHigh += high;
                squareLow = Vector256.MultiplyAddEstimate(low, low, squareLow);
                squareHigh = Vector256.MultiplyAddEstimate(high, high, squareHigh);
            }

            ChannelSums.AddLanes(sumLow, sums);
            ChannelSums.AddLanes(sumHigh, sums[8..]);
            ChannelSums.AddLanes(squareLow, squares);
            ChannelSums.AddLanes(squareHigh, squares[8..]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void GradientSums(
        float* x,
        float* y,
        float* dy,
        int images,
        int pixels,
        float* center,
        Activation activation,
        Span<double> sums,
        Span<double> products
    )
    {
        sums.Clear();
        products.Clear();
        var centerLow = Vector256.Load(center);
        var centerHigh = Vector256.Load(center + 8);
        var minimum = Vector256.Create(activation.Minimum);
        var maximum = Vector256.Create(activation.Maximum);
        for (int image = 0; image < images; image++)
        {
            var sumLow = Vector256<float>.Zero;
            var sumHigh = Vector256<float>.Zero;
            var productLow = Vector256<float>.Zero;
            var productHigh = Vector256<float>.Zero;
            for (float* end = x + (pixels * 16L); x < end; x += 16, y += 16, dy += 16)
            {
                var low = Clamp.Gate(Vector256.LoadAligned(dy), Vector256.LoadAligned(y), minimum, maximum);
                var high = Clamp.Gate(Vector256.LoadAligned(dy + 8), Vector256.LoadAligned(y + 8), minimum, maximum);
                sumLow += low;
                sumHigh += high;
                productLow = Vector256.MultiplyAddEstimate(low, Vector256.LoadAligned(x) - centerLow, productLow);
                productHigh = Vector256.MultiplyAddEstimate(high, Vector256.LoadAligned(x + 8) - centerHigh, productHigh);
            }

            ChannelSums.AddLanes(sumLow, sums);
            ChannelSums.AddLanes(sumHigh, sums[8..]);
            ChannelSums.AddLanes(productLow, products);
            ChannelSums.AddLanes(productHigh, products[8..]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void InputGradient(
        float* x,
        float* y,
        float* dy,
        float* dx,
        long length,
        float* factor,
        Span<float> slope,
        Span<float> constant,
        Activation activation,
        bool accumulate
    )
    {
        var factorLow = Vector256.Load(factor);
        var factorHigh = Vector256.Load(factor + 8);
        var slopeLow = Vector256.Create<float>(slope[..8]);
        var slopeHigh = Vector256.Create<float>(slope[8..16]);
        var constantLow = Vector256.Create<float>(constant[..8]);
        var constantHigh = Vector256.Create<float>(constant[8..16]);
        var minimum = Vector256.Create(activation.Minimum);
        var maximum = Vector256.Create(activation.Maximum);
        for (float* end = x + length; x < end; x += 16, y += 16, dy += 16, dx += 16)
        {
            var low = Clamp.Gate(Vector256.LoadAligned(dy), Vector256.LoadAligned(y), minimum, maximum);
            var high = Clamp.Gate(Vector256.LoadAligned(dy + 8), Vector256.LoadAligned(y + 8), minimum, maximum);
            low = Vector256.MultiplyAddEstimate(
                low,
                factorLow,
                Vector256.MultiplyAddEstimate(Vector256.LoadAligned(x), slopeLow, constantLow)
            );
            high = Vector256.MultiplyAddEstimate(
                high,
                factorHigh,
                Vector256.MultiplyAddEstimate(Vector256.LoadAligned(x + 8), slopeHigh, constantHigh)
            );
            if (accumulate)
            {
                low += Vector256.LoadAligned(dx);
                high += Vector256.LoadAligned(dx + 8);
            }

            low.StoreAligned(dx);
            high.StoreAligned(dx + 8);
        }
    }
}
