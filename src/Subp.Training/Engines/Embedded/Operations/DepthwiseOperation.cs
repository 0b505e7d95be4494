using System.Runtime.Intrinsics;
using Subp.Core.Operators;
using Subp.Training.Engines.Embedded.Kernels;

namespace Subp.Training.Engines.Embedded.Operations;

/// <summary>A convolution with as many channel groups as input and output channels: each channel has a kernel of its own.</summary>
internal sealed unsafe class DepthwiseOperation : EngineOperation
{
    private readonly BlockedTensor _source;
    private readonly BlockedTensor _target;
    private readonly TrainedParameter _weight;
    private readonly TrainedParameter? _bias;
    private readonly GatherPlan _forwardPlan;
    private readonly GatherPlan _backwardPlan;
    private readonly int _taps;
    private readonly AlignedBuffer _forwardWeights;
    private readonly AlignedBuffer _backwardWeights;
    private readonly AlignedBuffer _gradientSums;
    private readonly AlignedBuffer _biasLanes;
    private readonly AlignedBuffer _zeros = new(MicroKernel.Lanes);
    private readonly double[] _biasSums;

    /// <summary>Prepares a depthwise convolution.</summary>
    public DepthwiseOperation(BlockedTensor source, BlockedTensor target, TrainedParameter weight, TrainedParameter? bias, Window window)
    {
        _source = source;
        _target = target;
        _weight = weight;
        _bias = bias;
        _forwardPlan = GatherPlan.Forward(window, (source.Height, source.Width), (target.Height, target.Width));
        _backwardPlan = GatherPlan.Backward(window, (source.Height, source.Width), (target.Height, target.Width));
        _taps = window.Kernel.Height * window.Kernel.Width;
        long packed = (long)_taps * source.Blocks * MicroKernel.Lanes;
        _forwardWeights = new AlignedBuffer(packed);
        _backwardWeights = new AlignedBuffer(packed);
        _gradientSums = new AlignedBuffer(packed * BatchContext.MaximumChunks);
        _biasLanes = new AlignedBuffer(target.Blocks * MicroKernel.Lanes);
        _biasSums = new double[BatchContext.MaximumChunks * target.Blocks * MicroKernel.Lanes];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<TrainedParameter> Parameters => _bias is null ? [_weight] : [_weight, _bias];

    /// <inheritdoc/>
    public override long MultiplyAddsPerImage => (long)_weight.Values.Length * _target.Pixels;

    /// <inheritdoc/>
    public override int BackwardFactor => _source.NeedsGradient ? 2 : 1;

    /// <inheritdoc/>
    public override void Forward(BatchContext batch)
    {
        batch.Round(_weight);
        Pack(_forwardPlan, _forwardWeights.Pointer);
        _bias?.Values.CopyTo(_biasLanes.Span);
        batch.Team.Run(
            batch.Chunks,
            (chunk, _) =>
            {
                for (int block = 0; block < _source.Blocks; block++)
                {
                    for (int image = batch.FirstImage(chunk); image < batch.EndImage(chunk); image++)
                    {
                        DepthwiseProduct.Run(
                            _forwardPlan,
                            WeightsOf(_forwardWeights, block),
                            _source.ValuesAt(block, image),
                            _target.ValuesAt(block, image),
                            _biasLanes.Pointer + (block * MicroKernel.Lanes),
                            _zeros.Pointer,
                            accumulate: false
                        );
                    }
                }
            }
        );
    }

    /// <inheritdoc/>
    public override void Backward(BatchContext batch)
    {
        bool accumulate = false;
        if (_source.NeedsGradient)
        {
            Pack(_backwardPlan, _backwardWeights.Pointer);
            accumulate = _source.ClaimGradient();
        }

        batch.Team.Run(
            batch.Chunks,
            (chunk, _) =>
            {
                var (first, end) = (batch.FirstImage(chunk), batch.EndImage(chunk));
                for (int block = 0; block < _source.Blocks; block++)
                {
                    if (batch.ParametersLearn)
                        AddWeightGradient(block, SumsOf(chunk, block), first, end);
                    if (_source.NeedsGradient)
                        FindInputGradient(block, first, end, accumulate);
                }

                if (_bias is not null && batch.ParametersLearn)
                    ChannelSums.Add(_target, _target.Gradient, first, end, BiasSums(chunk));
            }
        );
        if (batch.ParametersLearn)
            CollectGradients(batch);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _forwardWeights.Dispose();
        _backwardWeights.Dispose();
        _gradientSums.Dispose();
        _biasLanes.Dispose();
        _zeros.Dispose();
    }

    private void AddWeightGradient(int block, float* sums, int first, int end)
    {
        new Span<float>(sums, _taps * MicroKernel.Lanes).Clear();
        for (int image = first; image < end; image++)
        {
            DepthwiseProduct.AddWeightGradient(
                _forwardPlan.Classes[0],
                _source.ValuesAt(block, image),
                _target.GradientAt(block, image),
                sums,
                _zeros.Pointer
            );
        }
    }

    private void FindInputGradient(int block, int first, int end, bool accumulate)
    {
        for (int image = first; image < end; image++)
        {
            DepthwiseProduct.Run(
                _backwardPlan,
                WeightsOf(_backwardWeights, block),
                _target.GradientAt(block, image),
                _source.GradientAt(block, image),
                _zeros.Pointer,
                _zeros.Pointer,
                accumulate
            );
        }
    }

    // [block][tap, in the order of the classes][16]; lanes beyond the last channel stay the zeros that they were allocated as.
    private void Pack(GatherPlan plan, float* packed)
    {
        int[] taps = [.. plan.Classes.SelectMany(gather => gather.Taps)];
        float[]? mask = _weight.Rounded is null ? _weight.Mask : null;
        for (int channel = 0; channel < _source.Channels; channel++)
        {
            var values = (_weight.Rounded ?? _weight.Values).AsSpan(channel * _taps, _taps);
            float* to = packed + ((long)(channel / MicroKernel.Lanes) * _taps * MicroKernel.Lanes) + (channel % MicroKernel.Lanes);
            for (int position = 0; position < taps.Length; position++, to += MicroKernel.Lanes)
            {
                float value = values[taps[position]];
                *to = mask is null ? value : value * mask[(channel * _taps) + taps[position]];
            }
        }
    }

    private void CollectGradients(BatchContext batch)
    {
        // No pixel may read some of the taps.
        Array.Clear(_weight.Gradient);
        int[] taps = _forwardPlan.Classes[0].Taps;
        for (int block = 0; block < _source.Blocks; block++)
        {
            int channel = block * MicroKernel.Lanes;
            int lanes = Math.Min(MicroKernel.Lanes, _source.Channels - channel);
            for (int position = 0; position < taps.Length; position++)
            {
                var gradient = _weight.Gradient.AsSpan((channel * _taps) + taps[position], ((lanes - 1) * _taps) + 1);
                CollectLanes(batch.Chunks, block, position, gradient);
            }
        }

        for (int channel = 0; _bias is not null && channel < _bias.Gradient.Length; channel++)
        {
            double sum = 0;
            for (int chunk = 0; chunk < batch.Chunks; chunk++)
                sum += BiasSums(chunk)[channel];

            _bias.Gradient[channel] = (float)sum;
        }
    }

    // The chunks in their order, so that the sum does not depend on who computed them; 16 channels at once, then to their places.
    private void CollectLanes(int chunks, int block, int position, Span<float> gradient)
    {
        var low = Vector256<float>.Zero;
        var high = low;
        for (int chunk = 0; chunk < chunks; chunk++)
        {
            float* sums = SumsOf(chunk, block) + (position * MicroKernel.Lanes);
            low += Vector256.Load(sums);
            high += Vector256.Load(sums + 8);
        }

        for (int lane = 0; lane * _taps < gradient.Length; lane++)
            gradient[lane * _taps] = lane < 8 ? low[lane] : high[lane - 8];
    }

    private float* WeightsOf(AlignedBuffer weights, int block) => weights.Pointer + ((long)block * _taps * MicroKernel.Lanes);

    private float* SumsOf(int chunk, int block) =>
        _gradientSums.Pointer + ((((long)chunk * _source.Blocks) + block) * _taps * MicroKernel.Lanes);

    private Span<double> BiasSums(int chunk)
    {
        int lanes = _target.Blocks * MicroKernel.Lanes;
        return _biasSums.AsSpan(chunk * lanes, lanes);
    }
}
