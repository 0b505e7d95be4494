using System.Runtime.CompilerServices;
using Subp.Training.Engines.Embedded.Kernels;

namespace Subp.Training.Engines.Embedded.Operations;

/// <summary>
/// Copies chosen channels and pixels of one or several sources. The blocked layout keeps 16 channels together, so a channel that moves
/// to another lane is copied value by value: each value once forward and once backward, little beside the convolutions around it.
/// </summary>
internal sealed unsafe class CopyOperation(BlockedTensor[] sources, BlockedTensor target, ElementMap map) : EngineOperation
{
    /// <inheritdoc/>
    public override void Forward(BatchContext batch) =>
        batch.Team.Run(
            batch.Chunks,
            (chunk, _) =>
            {
                for (int image = batch.FirstImage(chunk); image < batch.EndImage(chunk); image++)
                {
                    for (int channel = 0; channel < map.Channels.Length; channel++)
                    {
                        var (source, from) = map.Channels[channel];
                        float* values = sources[source].ValuesAt(from / MicroKernel.Lanes, image) + (from % MicroKernel.Lanes);
                        float* copies = target.ValuesAt(channel / MicroKernel.Lanes, image) + (channel % MicroKernel.Lanes);
                        Gather(values, copies);
                    }
                }
            }
        );

    /// <inheritdoc/>
    public override void Backward(BatchContext batch)
    {
        // A source that is named twice is cleared once; what is not copied has no share in the gradient.
        foreach (var source in sources)
        {
            if (source.NeedsGradient && !source.ClaimGradient())
                new Span<float>(source.Gradient, checked((int)(source.PlaneStride * source.Blocks))).Clear();
        }

        batch.Team.Run(
            batch.Chunks,
            (chunk, _) =>
            {
                for (int image = batch.FirstImage(chunk); image < batch.EndImage(chunk); image++)
                {
                    for (int channel = 0; channel < map.Channels.Length; channel++)
                    {
                        var (source, from) = map.Channels[channel];
                        if (!sources[source].NeedsGradient)
                            continue;

                        float* gradients = sources[source].GradientAt(from / MicroKernel.Lanes, image) + (from % MicroKernel.Lanes);
                        float* own = target.GradientAt(channel / MicroKernel.Lanes, image) + (channel % MicroKernel.Lanes);
                        Scatter(own, gradients);
                    }
                }
            }
        );
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Gather(float* values, float* copies)
    {
        int[] pixels = map.Pixels;
        for (int pixel = 0; pixel < pixels.Length; pixel++)
            copies[pixel * MicroKernel.Lanes] = values[pixels[pixel] * MicroKernel.Lanes];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Scatter(float* own, float* gradients)
    {
        int[] pixels = map.Pixels;
        for (int pixel = 0; pixel < pixels.Length; pixel++)
            gradients[pixels[pixel] * MicroKernel.Lanes] += own[pixel * MicroKernel.Lanes];
    }
}
