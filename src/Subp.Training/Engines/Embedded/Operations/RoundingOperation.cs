using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Subp.Core.Graphs;
using Subp.Training.Engines.Embedded.Kernels;

namespace Subp.Training.Engines.Embedded.Operations;

/// <summary>
/// The numbers that the bytes of a value stand for: y = scale * (clamp(rint(x / scale) + zero point, 0, 255) - zero point). The range
/// follows the smallest and the largest number of each batch; gradients pass where nothing was clamped.
/// </summary>
/// <param name="source">The exact value.</param>
/// <param name="target">The rounded value.</param>
/// <param name="range">The smallest and the largest number.</param>
internal sealed unsafe class RoundingOperation(BlockedTensor source, BlockedTensor target, TrainedParameter range) : EngineOperation
{
    private readonly float[] _lows = new float[BatchContext.MaximumChunks];
    private readonly float[] _highs = new float[BatchContext.MaximumChunks];
    private Quantization _quantization = new(1, 0);

    /// <inheritdoc/>
    public override void Forward(BatchContext batch)
    {
        if (batch.Training)
            Follow(batch);
        _quantization = Quantization.Covering(range.Values[0], range.Values[1]);
        batch.Team.Run(
            batch.Chunks,
            (chunk, _) =>
            {
                for (int block = 0; block < source.Blocks; block++)
                    Round(
                        At(block, chunk, batch, source.Values),
                        At(block, chunk, batch, target.Values),
                        Length(chunk, batch),
                        _quantization
                    );
            }
        );
    }

    /// <inheritdoc/>
    public override void Backward(BatchContext batch)
    {
        if (!source.NeedsGradient)
            return;
        bool accumulate = source.ClaimGradient();
        batch.Team.Run(
            batch.Chunks,
            (chunk, _) =>
            {
                for (int block = 0; block < source.Blocks; block++)
                    Pass(
                        At(block, chunk, batch, source.Values),
                        At(block, chunk, batch, target.Gradient),
                        At(block, chunk, batch, source.Gradient),
                        Length(chunk, batch),
                        _quantization,
                        accumulate
                    );
            }
        );
    }

    // The smallest of all is the same in whatever order it is looked for, so that threads change nothing.
    private void Follow(BatchContext batch)
    {
        batch.Team.Run(
            batch.Chunks,
            (chunk, _) =>
            {
                var (low, high) = (0f, 0f);
                for (int block = 0; block < source.Blocks; block++)
                    Extremes(At(block, chunk, batch, source.Values), Length(chunk, batch), ref low, ref high);
                (_lows[chunk], _highs[chunk]) = (low, high);
            }
        );
        ByteRounding.Follow(range.Values, _lows.Take(batch.Chunks).Min(), _highs.Take(batch.Chunks).Max());
    }

    private float* At(int block, int chunk, BatchContext batch, float* values) =>
        values + (block * source.PlaneStride) + ((long)batch.FirstImage(chunk) * source.Pixels * MicroKernel.Lanes);

    private long Length(int chunk, BatchContext batch) =>
        (long)(batch.EndImage(chunk) - batch.FirstImage(chunk)) * source.Pixels * MicroKernel.Lanes;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Extremes(float* x, long length, ref float low, ref float high)
    {
        var (lows, highs) = (Vector256.Create(low), Vector256.Create(high));
        for (long i = 0; i < length; i += 8)
        {
            var value = Vector256.LoadAligned(x + i);
            lows = Vector256.Min(lows, value);
            highs = Vector256.Max(highs, value);
        }

        for (int lane = 0; lane < 8; lane++)
        {
            low = Math.Min(low, lows[lane]);
            high = Math.Max(high, highs[lane]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Round(float* x, float* y, long length, Quantization quantization)
    {
        var scale = Vector256.Create(quantization.Scale);
        var (least, most) = Bounds(quantization);
        for (long i = 0; i < length; i += 8)
        {
            var steps = Vector256.Min(Vector256.Max(Vector256.LoadAligned(x + i) / scale, least), most);
            (Vector256.Round(steps) * scale).StoreAligned(y + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Pass(float* x, float* dy, float* dx, long length, Quantization quantization, bool accumulate)
    {
        var scale = Vector256.Create(quantization.Scale);
        var (least, most) = Bounds(quantization);
        var half = Vector256.Create(0.5f);
        for (long i = 0; i < length; i += 8)
        {
            var steps = Vector256.LoadAligned(x + i) / scale;
            var inside = Vector256.GreaterThanOrEqual(steps, least - half) & Vector256.LessThanOrEqual(steps, most + half);
            var value = Vector256.LoadAligned(dy + i) & inside;
            if (accumulate)
                value += Vector256.LoadAligned(dx + i);
            value.StoreAligned(dx + i);
        }
    }

    private static (Vector256<float> Least, Vector256<float> Most) Bounds(Quantization quantization) =>
        (Vector256.Create((float)-quantization.ZeroPoint), Vector256.Create((float)(byte.MaxValue - quantization.ZeroPoint)));
}
