using Subp.Training.Engines.Embedded.Kernels;

namespace Subp.Training.Engines.Embedded.Operations;

/// <summary>
/// Joins channels, rows and columns in NCHW order. The blocked layout keeps channels innermost, so this is a real permutation;
/// it moves each value once and lies behind the pooling in practice, where images are small.
/// </summary>
internal sealed unsafe class FlattenOperation(BlockedTensor source, BlockedTensor target) : EngineOperation
{
    /// <inheritdoc/>
    public override void Forward(BatchContext batch) =>
        batch.Team.Run(
            batch.Chunks,
            (chunk, _) =>
            {
                for (int image = batch.FirstImage(chunk); image < batch.EndImage(chunk); image++)
                {
                    for (int feature = 0; feature < target.Channels; feature++)
                        target.Values[TargetPosition(image, feature)] = source.Values[SourcePosition(image, feature)];
                }
            }
        );

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
                for (int image = batch.FirstImage(chunk); image < batch.EndImage(chunk); image++)
                {
                    for (int feature = 0; feature < target.Channels; feature++)
                    {
                        float gradient = target.Gradient[TargetPosition(image, feature)];
                        long position = SourcePosition(image, feature);
                        source.Gradient[position] = accumulate ? source.Gradient[position] + gradient : gradient;
                    }
                }
            }
        );
    }

    private long TargetPosition(int image, int feature) =>
        (feature / MicroKernel.Lanes * target.PlaneStride) + ((long)image * MicroKernel.Lanes) + (feature % MicroKernel.Lanes);

    private long SourcePosition(int image, int feature)
    {
        int channel = feature / source.Pixels;
        long pixel = ((long)image * source.Pixels) + (feature % source.Pixels);
        return (channel / MicroKernel.Lanes * source.PlaneStride) + (pixel * MicroKernel.Lanes) + (channel % MicroKernel.Lanes);
    }
}
