using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Subp.Core.Operators;
using Subp.Training.Engines.Embedded.Kernels;

namespace Subp.Training.Engines.Embedded.Operations;

/// <summary>y = clamp(a + b), or y = clamp(a) where there is no second source.</summary>
internal sealed unsafe class AddOperation(BlockedTensor first, BlockedTensor? second, BlockedTensor target, Activation activation)
    : EngineOperation
{
    /// <inheritdoc/>
    public override void Forward(BatchContext batch) =>
        batch.Team.Run(
            batch.Chunks,
            (chunk, _) =>
            {
                int image = batch.FirstImage(chunk);
                long length = (long)(batch.EndImage(chunk) - image) * target.Pixels * MicroKernel.Lanes;
                for (int block = 0; block < target.Blocks; block++)
                {
                    Sum(
                        first.ValuesAt(block, image),
                        second is null ? null : second.ValuesAt(block, image),
                        target.ValuesAt(block, image),
                        length,
                        activation
                    );
                }
            }
        );

    /// <inheritdoc/>
    public override void Backward(BatchContext batch)
    {
        Pass(batch, first);
        if (second is not null)
            Pass(batch, second);
    }

    private void Pass(BatchContext batch, BlockedTensor source)
    {
        if (!source.NeedsGradient)
            return;

        bool accumulate = source.ClaimGradient();
        batch.Team.Run(
            batch.Chunks,
            (chunk, _) =>
            {
                int image = batch.FirstImage(chunk);
                long length = (long)(batch.EndImage(chunk) - image) * target.Pixels * MicroKernel.Lanes;
                for (int block = 0; block < target.Blocks; block++)
                {
                    Gate(
                        target.ValuesAt(block, image),
                        target.GradientAt(block, image),
                        source.GradientAt(block, image),
                        length,
                        activation,
                        accumulate
                    );
                }
            }
        );
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sum(float* a, float* b, float* y, long length, Activation activation)
    {
        var minimum = Vector256.Create(activation.Minimum);
        var maximum = Vector256.Create(activation.Maximum);
        for (long i = 0; i < length; i += 8)
        {
            var value = Vector256.LoadAligned(a + i);
            if (b != null)
                value += Vector256.LoadAligned(b + i);

            Clamp.Apply(value, minimum, maximum).StoreAligned(y + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Gate(float* y, float* dy, float* dx, long length, Activation activation, bool accumulate)
    {
        var minimum = Vector256.Create(activation.Minimum);
        var maximum = Vector256.Create(activation.Maximum);
        for (long i = 0; i < length; i += 8)
        {
            var value = Clamp.Gate(Vector256.LoadAligned(dy + i), Vector256.LoadAligned(y + i), minimum, maximum);
            if (accumulate)
                value += Vector256.LoadAligned(dx + i);

            value.StoreAligned(dx + i);
        }
    }
}
