using System.Runtime.CompilerServices;
using Subp.Training.Engines.Embedded.Kernels;

namespace Subp.Training.Engines.Embedded;

/// <summary>
/// A batch of images in the layout [channel block][image][row][column][16 channels]. All pixels of one channel block are one run
/// of 64-byte lines, whatever image they belong to, so a tile of pixels may cross rows and images. Lanes beyond the last
/// channel are zero and stay zero.
/// </summary>
internal sealed unsafe class BlockedTensor : IDisposable
{
    // Keeps channel blocks from lying a power of two apart, where they would fight for the same cache sets.
    private const int PlanePadding = 5;

    private readonly AlignedBuffer _values;
    private readonly AlignedBuffer? _gradient;

    /// <summary>Allocates a tensor of zeros.</summary>
    public BlockedTensor(int capacity, int channels, int height, int width, bool needsGradient)
    {
        Capacity = capacity;
        Channels = channels;
        Height = height;
        Width = width;
        Blocks = (channels + MicroKernel.Lanes - 1) / MicroKernel.Lanes;
        PlaneStride = (((long)capacity * height * width) + PlanePadding) * MicroKernel.Lanes;
        _values = new AlignedBuffer(PlaneStride * Blocks);
        _gradient = needsGradient ? new AlignedBuffer(PlaneStride * Blocks) : null;
    }

    /// <summary>The largest number of images.</summary>
    public int Capacity { get; }

    /// <summary>The number of channels.</summary>
    public int Channels { get; }

    /// <summary>The height of an image.</summary>
    public int Height { get; }

    /// <summary>The width of an image.</summary>
    public int Width { get; }

    /// <summary>The pixels of one image.</summary>
    public int Pixels => Height * Width;

    /// <summary>The number of blocks of 16 channels.</summary>
    public int Blocks { get; }

    /// <summary>The distance of two channel blocks in floats.</summary>
    public long PlaneStride { get; }

    /// <summary>The values.</summary>
    public float* Values => _values.Pointer;

    /// <summary>True where the loss is differentiated with respect to this tensor.</summary>
    public bool NeedsGradient => _gradient is not null;

    /// <summary>The gradient of the loss, in the same layout; null for the input of a network that is trained.</summary>
    public float* Gradient => _gradient is null ? null : _gradient.Pointer;

    /// <summary>Whether a consumer has already written its share of the gradient in this backward pass.</summary>
    public bool GradientHasContent { get; set; }

    /// <summary>The first value of a channel block of an image.</summary>
    public float* ValuesAt(int block, int image) => Values + (block * PlaneStride) + ((long)image * Pixels * MicroKernel.Lanes);

    /// <summary>The first gradient of a channel block of an image.</summary>
    public float* GradientAt(int block, int image) => Gradient + (block * PlaneStride) + ((long)image * Pixels * MicroKernel.Lanes);

    /// <summary>
    /// Tells a consumer whether it must add to the gradient (true) or is the first of this pass and must overwrite it (false).
    /// </summary>
    public bool ClaimGradient()
    {
        bool accumulate = GradientHasContent;
        GradientHasContent = true;
        return accumulate;
    }

    /// <summary>Copies images in NCHW order into the tensor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Load(ReadOnlySpan<float> images, int count)
    {
        int position = 0;
        for (int image = 0; image < count; image++)
        {
            for (int channel = 0; channel < Channels; channel++)
            {
                float* target = ValuesAt(channel / MicroKernel.Lanes, image) + (channel % MicroKernel.Lanes);
                for (int pixel = 0; pixel < Pixels; pixel++)
                    target[pixel * MicroKernel.Lanes] = images[position++];
            }
        }
    }

    /// <summary>Copies values or gradients out in NCHW order.</summary>
    public void Store(float* source, Span<float> images, int count)
    {
        int position = 0;
        for (int image = 0; image < count; image++)
        {
            for (int channel = 0; channel < Channels; channel++)
            {
                float* from =
                    source
                    + ((channel / MicroKernel.Lanes) * PlaneStride)
                    + ((long)image * Pixels * MicroKernel.Lanes)
                    + (channel % MicroKernel.Lanes);
                for (int pixel = 0; pixel < Pixels; pixel++)
                    images[position++] = from[pixel * MicroKernel.Lanes];
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _values.Dispose();
        _gradient?.Dispose();
    }
}
