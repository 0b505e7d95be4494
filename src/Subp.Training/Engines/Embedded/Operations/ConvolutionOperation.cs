using System.Numerics;
using Subp.Core.Operators;
using Subp.Training.Engines.Embedded.Kernels;

namespace Subp.Training.Engines.Embedded.Operations;

/// <summary>A convolution, or a linear layer as the 1x1 convolution of a 1x1 image.</summary>
internal sealed unsafe class ConvolutionOperation : EngineOperation
{
    // The work of a thread on weights: large enough to outweigh waking it, small enough to share a layer among several.
    private const int SliceLength = 16_384;

    private readonly BlockedTensor _source;
    private readonly BlockedTensor _target;
    private readonly TrainedParameter _weight;
    private readonly TrainedParameter? _bias;
    private readonly GatherPlan _forwardPlan;
    private readonly GatherPlan _backwardPlan;
    private readonly ProductLayout _forwardLayout;
    private readonly ProductLayout _backwardLayout;
    private readonly ProductLayout _gradientLayout;
    private readonly int[] _forwardPosition;
    private readonly int[] _backwardPosition;
    private readonly int[] _gradientPosition;
    private readonly AlignedBuffer _forwardWeights;
    private readonly AlignedBuffer _backwardWeights;
    private readonly AlignedBuffer _gradientSums;
    private readonly AlignedBuffer _biasLanes;
    private readonly double[] _biasSums;
    private readonly long _scratchLength;
    private readonly int _tilePixels;
    private readonly int _taps;
    private KeptRows? _keptRows;
    private KeptColumns? _keptColumns;
    private int _maskVersion;
    private AlignedBuffer? _scratch;

    /// <summary>Prepares a convolution.</summary>
    public ConvolutionOperation(
        BlockedTensor source,
        BlockedTensor target,
        TrainedParameter weight,
        TrainedParameter? bias,
        Window window,
        int groups,
        MicroKernel kernel
    )
    {
        _source = source;
        _target = target;
        _weight = weight;
        _bias = bias;
        _forwardPlan = GatherPlan.Forward(window, (source.Height, source.Width), (target.Height, target.Width));
        _backwardPlan = GatherPlan.Backward(window, (source.Height, source.Width), (target.Height, target.Width));
        _forwardLayout = new ProductLayout(_forwardPlan, source.Channels, target.Channels, groups, rowAlignment: 1);
        _backwardLayout = new ProductLayout(_backwardPlan, target.Channels, source.Channels, groups, rowAlignment: 1);
        _gradientLayout = new ProductLayout(_forwardPlan, source.Channels, target.Channels, groups, rowAlignment: 8);

        _taps = window.Kernel.Height * window.Kernel.Width;
        _forwardPosition = new int[weight.Values.Length];
        _backwardPosition = new int[weight.Values.Length];
        _gradientPosition = new int[weight.Values.Length];
        int perGroup = source.Channels / groups;
        for (int i = 0; i < weight.Values.Length; i++)
        {
            int tap = i % _taps;
            int output = i / _taps / perGroup;
            int input = (i / _taps % perGroup) + (output / (target.Channels / groups) * perGroup);
            _forwardPosition[i] = _forwardLayout.Position(tap, input, output);
            _gradientPosition[i] = _gradientLayout.Position(tap, input, output);
            _backwardPosition[i] = _backwardLayout.Position(tap, output, input);
        }

        _tilePixels = kernel.TilePixels;
        _forwardWeights = new AlignedBuffer(_forwardLayout.Length);
        _backwardWeights = new AlignedBuffer(_backwardLayout.Length);
        _gradientSums = new AlignedBuffer(_gradientLayout.Length * BatchContext.MaximumChunks);
        _biasLanes = new AlignedBuffer(target.Blocks * MicroKernel.Lanes);
        _biasSums = new double[BatchContext.MaximumChunks * target.Blocks * MicroKernel.Lanes];
        long[] lengths =
        [
            GatherProduct.ScratchLength(kernel, _forwardLayout),
            GatherProduct.ScratchLength(kernel, _backwardLayout),
            KeptInputGradient.ScratchLength(kernel, _backwardLayout),
            KeptWeightGradient.ScratchLength(kernel, _forwardLayout),
            WeightGradient.ScratchLength,
        ];
        _scratchLength = (lengths.Max() + 255) / 16 * 16;
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
        FollowMask();
        batch.Round(_weight);
        Pack(batch, _keptRows?.Positions ?? _forwardPosition, _forwardWeights.Pointer);
        _bias?.Values.CopyTo(_biasLanes.Span);
        float* scratch = Scratch(batch);
        batch.Team.Run(
            batch.Chunks,
            (chunk, worker) =>
                GatherProduct.Run(
                    batch.Kernel,
                    _forwardPlan,
                    _forwardLayout,
                    _forwardWeights.Pointer,
                    _source.Values,
                    _source.PlaneStride,
                    _target.Values,
                    _target.PlaneStride,
                    _bias is null ? null : _biasLanes.Pointer,
                    _keptRows,
                    accumulate: false,
                    batch.FirstImage(chunk),
                    batch.EndImage(chunk),
                    scratch + (worker * _scratchLength)
                )
        );
    }

    /// <inheritdoc/>
    public override void Backward(BatchContext batch)
    {
        bool accumulate = false;
        if (_source.NeedsGradient)
        {
            Pack(batch, _keptColumns?.Positions ?? _backwardPosition, _backwardWeights.Pointer);
            accumulate = _source.ClaimGradient();
        }

        float* scratch = Scratch(batch);
        var kept = batch.PrunedWeightsLearn ? null : _keptRows;
        int length = kept?.Length ?? checked((int)_gradientLayout.Length);
        batch.Team.Run(
            batch.Chunks,
            (chunk, worker) =>
            {
                int first = batch.FirstImage(chunk);
                int end = batch.EndImage(chunk);
                float* own = scratch + (worker * _scratchLength);
                if (batch.ParametersLearn)
                {
                    float* sums = _gradientSums.Pointer + ((long)chunk * length);
                    new Span<float>(sums, length).Clear();
                    AddWeightGradient(batch, kept, sums, first, end, own);
                    if (_bias is not null)
                        ChannelSums.Add(_target, _target.Gradient, first, end, BiasSums(chunk));
                }

                if (_source.NeedsGradient)
                    FindInputGradient(batch, accumulate, first, end, own);
            }
        );
        if (batch.ParametersLearn)
            CollectGradients(batch, kept?.Positions ?? _gradientPosition, length);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _forwardWeights.Dispose();
        _backwardWeights.Dispose();
        _gradientSums.Dispose();
        _biasLanes.Dispose();
        _scratch?.Dispose();
    }

    private void AddWeightGradient(BatchContext batch, KeptRows? kept, float* sums, int first, int end, float* scratch)
    {
        if (kept is not null)
        {
            KeptWeightGradient.Run(
                batch.Kernel,
                _forwardPlan,
                kept,
                sums,
                _source.Values,
                _source.PlaneStride,
                _source.Blocks,
                _target.Gradient,
                _target.PlaneStride,
                first,
                end,
                scratch
            );
            return;
        }

        WeightGradient.Run(
            batch.Kernel,
            _forwardPlan,
            _gradientLayout,
            sums,
            _source.Values,
            _source.PlaneStride,
            _target.Gradient,
            _target.PlaneStride,
            first,
            end,
            scratch
        );
    }

    private void FindInputGradient(BatchContext batch, bool accumulate, int first, int end, float* scratch)
    {
        if (_keptColumns is not null)
        {
            KeptInputGradient.Run(
                batch.Kernel,
                _backwardPlan,
                _keptColumns,
                _backwardWeights.Pointer,
                _target.Gradient,
                _target.PlaneStride,
                _source.Gradient,
                _source.PlaneStride,
                _source.Blocks,
                accumulate,
                first,
                end,
                scratch
            );
            return;
        }

        GatherProduct.Run(
            batch.Kernel,
            _backwardPlan,
            _backwardLayout,
            _backwardWeights.Pointer,
            _target.Gradient,
            _target.PlaneStride,
            _source.Gradient,
            _source.PlaneStride,
            bias: null,
            kept: null,
            accumulate,
            first,
            end,
            scratch
        );
    }

    // Weights lie elsewhere under another mask, and what lies between them must be zero.
    private void FollowMask()
    {
        if (_weight.Mask is null || _maskVersion == _weight.MaskVersion)
            return;
        _maskVersion = _weight.MaskVersion;
        _keptRows = KeptRows.Of(_forwardLayout, _forwardPosition, _weight.Mask, _tilePixels);
        _keptColumns = KeptColumns.Of(_backwardLayout, _weight.Mask, _target.Channels, _taps);
        _forwardWeights.Clear();
        _backwardWeights.Clear();
    }

    // Straight-through: the products see W times mask, the stored weights stay as they are.
    private void Pack(BatchContext batch, int[] positions, float* packed)
    {
        float[] values = _weight.Rounded ?? _weight.Values;
        float[]? mask = _weight.Rounded is null ? _weight.Mask : null;
        batch.Team.Run(
            Slices(positions.Length),
            (slice, _) =>
            {
                for (int i = slice * SliceLength; i < Math.Min(positions.Length, (slice + 1) * SliceLength); i++)
                {
                    if (positions[i] >= 0)
                        packed[positions[i]] = mask is null ? values[i] : values[i] * mask[i];
                }
            }
        );
    }

    private void CollectGradients(BatchContext batch, int[] positions, int length)
    {
        batch.Team.Run(
            Slices(length),
            (slice, _) =>
            {
                int count = Math.Min(SliceLength, length - (slice * SliceLength));
                var total = new Span<float>(_gradientSums.Pointer + (slice * SliceLength), count);
                for (int chunk = 1; chunk < batch.Chunks; chunk++)
                {
                    AddTo(total, new ReadOnlySpan<float>(_gradientSums.Pointer + ((long)chunk * length) + (slice * SliceLength), count));
                }
            }
        );

        float[] gradient = _weight.Gradient;
        batch.Team.Run(
            Slices(gradient.Length),
            (slice, _) =>
            {
                for (int i = slice * SliceLength; i < Math.Min(gradient.Length, (slice + 1) * SliceLength); i++)
                    gradient[i] = positions[i] < 0 ? 0 : _gradientSums.Pointer[positions[i]];
            }
        );

        if (_bias is not null)
        {
            for (int channel = 0; channel < _bias.Gradient.Length; channel++)
            {
                double sum = 0;
                for (int chunk = 0; chunk < batch.Chunks; chunk++)
                    sum += BiasSums(chunk)[channel];

                _bias.Gradient[channel] = (float)sum;
            }
        }
    }

    private static int Slices(int length) => (length + SliceLength - 1) / SliceLength;

    private static void AddTo(Span<float> total, ReadOnlySpan<float> part)
    {
        int i = 0;
        for (; i <= total.Length - Vector<float>.Count; i += Vector<float>.Count)
            (new Vector<float>(total[i..]) + new Vector<float>(part[i..])).CopyTo(total[i..]);

        for (; i < total.Length; i++)
            total[i] += part[i];
    }

    private Span<double> BiasSums(int chunk)
    {
        int lanes = _target.Blocks * MicroKernel.Lanes;
        return _biasSums.AsSpan(chunk * lanes, lanes);
    }

    private float* Scratch(BatchContext batch) => (_scratch ??= new AlignedBuffer(_scratchLength * batch.Team.Workers)).Pointer;
}
