using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Subp.Training.Engines.Embedded.Kernels;

/// <summary>Sums over the pixels of each channel. Pixels of one image are summed in float, images in double.</summary>
internal static unsafe class ChannelSums
{
    /// <summary>Sets <paramref name="sums"/> to the sum of every lane over the images [firstImage, endImage).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(BlockedTensor tensor, float* values, int firstImage, int endImage, Span<double> sums)
    {
        sums.Clear();
        long imageLength = (long)tensor.Pixels * MicroKernel.Lanes;
        for (int block = 0; block < tensor.Blocks; block++)
        {
            var lanes = sums.Slice(block * MicroKernel.Lanes, MicroKernel.Lanes);
            float* from = values + (block * tensor.PlaneStride) + (firstImage * imageLength);
            for (int image = firstImage; image < endImage; image++)
            {
                var low = Vector256<float>.Zero;
                var high = Vector256<float>.Zero;
                for (float* end = from + imageLength; from < end; from += MicroKernel.Lanes)
                {
                    low += Vector256.LoadAligned(from);
                    high += Vector256.LoadAligned(from + 8);
                }

                AddLanes(low, lanes);
                AddLanes(high, lanes[8..]);
            }
        }
    }

    /// <summary>Adds eight floats to eight doubles.</summary>
    public static void AddLanes(Vector256<float> values, Span<double> sums)
    {
        for (int lane = 0; lane < 8; lane++)
            sums[lane] += values[lane];
    }
}
