using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Subp.Core.Operators;
using Subp.Training.Engines.Embedded.Kernels;

namespace Subp.Training.Engines.Embedded.Operations;

/// <summary>Maximum or average pooling over windows, and global average pooling as the window of the whole image.</summary>
internal sealed unsafe class PoolOperation : EngineOperation
{
    private readonly BlockedTensor _source;
    private readonly BlockedTensor _target;
    private readonly PoolKind _kind;
    private readonly int[] _pixels;
    private readonly float[] _weights;
    private readonly int _taps;

    /// <summary>Prepares a pooling.</summary>
    public PoolOperation(BlockedTensor source, BlockedTensor target, Pool2d pool)
    {
        _source = source;
        _target = target;
        _kind = pool.Kind;
        var gather = GatherPlan.Forward(pool.Window, (source.Height, source.Width), (target.Height, target.Width)).Classes[0];
        _taps = gather.Taps.Length;
        _pixels = gather.Source;
        _weights = new float[target.Pixels];
        for (int pixel = 0; pixel < target.Pixels; pixel++)
        {
            var (row, column) = (pixel / target.Width, pixel % target.Width);
            _weights[pixel] = _kind == PoolKind.Maximum ? 1 : 1.0f / pool.CountedTaps(source.Height, source.Width, row, column);
        }
    }

    /// <inheritdoc/>
    public override void Forward(BatchContext batch) =>
        batch.Team.Run(
            batch.Chunks,
            (chunk, _) =>
            {
                for (int block = 0; block < _source.Blocks; block++)
                {
                    for (int image = batch.FirstImage(chunk); image < batch.EndImage(chunk); image++)
                        PoolImage(_source.ValuesAt(block, image), _target.ValuesAt(block, image));
                }
            }
        );

    /// <inheritdoc/>
    public override void Backward(BatchContext batch)
    {
        if (!_source.NeedsGradient)
            return;

        bool accumulate = _source.ClaimGradient();
        batch.Team.Run(
            batch.Chunks,
            (chunk, _) =>
            {
                for (int block = 0; block < _source.Blocks; block++)
                {
                    for (int image = batch.FirstImage(chunk); image < batch.EndImage(chunk); image++)
                    {
                        if (!accumulate)
                            new Span<float>(_source.GradientAt(block, image), _source.Pixels * MicroKernel.Lanes).Clear();

                        for (int half = 0; half < MicroKernel.Lanes; half += 8)
                        {
                            SpreadImage(
                                _source.ValuesAt(block, image) + half,
                                _target.ValuesAt(block, image) + half,
                                _target.GradientAt(block, image) + half,
                                _source.GradientAt(block, image) + half
                            );
                        }
                    }
                }
            }
        );
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void PoolImage(float* source, float* target)
    {
        bool maximum = _kind == PoolKind.Maximum;
        for (int pixel = 0; pixel < _target.Pixels; pixel++, target += MicroKernel.Lanes)
        {
            var low = maximum ? Vector256.Create(float.NegativeInfinity) : Vector256<float>.Zero;
            var high = low;
            for (int tap = 0; tap < _taps; tap++)
            {
                int from = _pixels[(tap * _target.Pixels) + pixel];
                if (from < 0)
                    continue;

                var left = Vector256.LoadAligned(source + (from * MicroKernel.Lanes));
                var right = Vector256.LoadAligned(source + (from * MicroKernel.Lanes) + 8);
                low = maximum ? Vector256.Max(low, left) : low + left;
                high = maximum ? Vector256.Max(high, right) : high + right;
            }

            (low * _weights[pixel]).StoreAligned(target);
            (high * _weights[pixel]).StoreAligned(target + 8);
        }
    }

    // The gradient of a maximum goes to the first tap that holds it, lane by lane; open lanes are those not yet served.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void SpreadImage(float* x, float* y, float* dy, float* dx)
    {
        for (int pixel = 0; pixel < _target.Pixels; pixel++)
        {
            var gradient = Vector256.LoadAligned(dy + (pixel * MicroKernel.Lanes)) * _weights[pixel];
            var result = Vector256.LoadAligned(y + (pixel * MicroKernel.Lanes));
            var open = Vector256<float>.AllBitsSet;
            for (int tap = 0; tap < _taps; tap++)
            {
                int to = _pixels[(tap * _target.Pixels) + pixel];
                if (to < 0)
                    continue;

                var share = gradient;
                if (_kind == PoolKind.Maximum)
                {
                    var hit = open & Vector256.Equals(Vector256.LoadAligned(x + (to * MicroKernel.Lanes)), result);
                    open = Vector256.AndNot(open, hit);
                    share = gradient & hit;
                }

                (Vector256.LoadAligned(dx + (to * MicroKernel.Lanes)) + share).StoreAligned(dx + (to * MicroKernel.Lanes));
            }
        }
    }
}
