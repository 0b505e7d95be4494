using Subp.Core.Operators;
using Subp.Training.Engines.Embedded.Kernels;

namespace Subp.Training.Engines.Embedded.Operations;

/// <summary>
/// Batch normalisation with the clamp that follows it. Training uses the statistics of the batch and moves the running ones
/// towards them; evaluation uses the running ones. Matching uses these as well, and pulls the input towards a batch that has them.
/// </summary>
internal sealed unsafe class BatchNormOperation : EngineOperation
{
    // The deviation of a channel that is constant over the batch has no gradient.
    private const double SmallestVariance = 1e-12;

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
    private readonly double[] _batchMean;
    private readonly double[] _batchVariance;

    // What the gradient of the input has beside that of the target: x * slope + constant.
    private readonly float[] _slope;
    private readonly float[] _constant;

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
        _batchMean = new double[source.Channels];
        _batchVariance = new double[source.Channels];
        _slope = new float[lanes];
        _constant = new float[lanes];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<TrainedParameter> Parameters => [_scale, _shift];

    private int Lanes => _source.Blocks * MicroKernel.Lanes;

    /// <inheritdoc/>
    public override void Forward(BatchContext batch)
    {
        if (batch.Training)
            UseBatch(batch);
        else
            UseStored();
        if (batch.Pass == PassKind.Matching)
            MatchStored(batch);

        batch.Team.Run(
            batch.Chunks,
            (chunk, _) =>
            {
                int first = batch.FirstImage(chunk);
                long length = (long)(batch.EndImage(chunk) - first) * _source.Pixels * MicroKernel.Lanes;
                for (int block = 0; block < _source.Blocks; block++)
                {
                    int lane = block * MicroKernel.Lanes;
                    NormalisationPasses.Scale(
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
        if (batch.ParametersLearn)
        {
            SumGradients(batch);
            CollectGradients(batch);
        }

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
                    NormalisationPasses.InputGradient(
                        _source.ValuesAt(block, first),
                        _target.ValuesAt(block, first),
                        _target.GradientAt(block, first),
                        _source.GradientAt(block, first),
                        length,
                        _factor.Pointer + lane,
                        _slope.AsSpan(lane),
                        _constant.AsSpan(lane),
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

    private void UseStored()
    {
        for (int c = 0; c < _source.Channels; c++)
        {
            float factor = _scale.Values[c] / MathF.Sqrt(_variance.Values[c] + _epsilon);
            _factor.Pointer[c] = factor;
            _offset.Pointer[c] = _shift.Values[c] - (factor * _mean.Values[c]);
        }
    }

    private void UseBatch(BatchContext batch)
    {
        MeasureBatch(batch);
        double count = (double)batch.Images * _source.Pixels;
        for (int c = 0; c < _source.Channels; c++)
        {
            var (mean, variance) = (_batchMean[c], _batchVariance[c]);
            double inverse = 1.0 / Math.Sqrt(variance + _epsilon);
            _inverseDeviation[c] = (float)inverse;
            _factor.Pointer[c] = (float)(_scale.Values[c] * inverse);
            _offset.Pointer[c] = (float)(_shift.Values[c] - (_scale.Values[c] * inverse * mean));
            double unbiased = count > 1 ? variance * count / (count - 1) : variance;
            _mean.Values[c] += TrainedNetwork.StatisticsMomentum * ((float)mean - _mean.Values[c]);
            _variance.Values[c] += TrainedNetwork.StatisticsMomentum * ((float)unbiased - _variance.Values[c]);
        }
    }

    // The distance is a mean over channels and normalisations; its gradient is linear in the values of a channel.
    private void MatchStored(BatchContext batch)
    {
        MeasureBatch(batch);
        double count = (double)batch.Images * _source.Pixels;
        double share = 2.0 / (_source.Channels * (double)batch.Distance!.Normalisations * count);
        double distance = 0;
        for (int c = 0; c < _source.Channels; c++)
        {
            double unit = _variance.Values[c] + _epsilon;
            double deviation = Math.Sqrt(Math.Max(_batchVariance[c], SmallestVariance));
            double ofMean = _batchMean[c] - _mean.Values[c];
            double ofDeviation = deviation - Math.Sqrt(_variance.Values[c]);
            distance += ((ofMean * ofMean) + (ofDeviation * ofDeviation)) / unit;
            double slope = share * ofDeviation / (unit * deviation);
            _slope[c] = (float)slope;
            _constant[c] = (float)((share * ofMean / unit) - (slope * _batchMean[c]));
        }

        batch.Distance.Add(distance / _source.Channels);
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
                    NormalisationPasses.Moments(
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
            _batchMean[c] = _center.Pointer[c] + shifted;
            _batchVariance[c] = Math.Max(0, (square / count) - (shifted * shifted));
            _center.Pointer[c] = (float)_batchMean[c];
        }
    }

    private void SumGradients(BatchContext batch) =>
        batch.Team.Run(
            batch.Chunks,
            (chunk, _) =>
            {
                int first = batch.FirstImage(chunk);
                int images = batch.EndImage(chunk) - first;
                for (int block = 0; block < _source.Blocks; block++)
                {
                    int lane = block * MicroKernel.Lanes;
                    NormalisationPasses.GradientSums(
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

    private void CollectGradients(BatchContext batch)
    {
        double count = (double)batch.Images * _source.Pixels;
        for (int c = 0; c < _source.Channels; c++)
        {
            var (sum, product) = Collect(batch.Chunks, c);
            double scaled = product * _inverseDeviation[c];
            _shift.Gradient[c] = (float)sum;
            _scale.Gradient[c] = (float)scaled;
            // dx = factor * (g - sum / n - xhat * scaled / n), with xhat = (x - mean) / deviation.
            double perValue = -_factor.Pointer[c] * scaled * _inverseDeviation[c] / count;
            _slope[c] = (float)perValue;
            _constant[c] = (float)((-_factor.Pointer[c] * sum / count) - (perValue * _center.Pointer[c]));
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
}
