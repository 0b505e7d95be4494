using Subp.Training.Data;
using Subp.Training.Images.Folders;
using Subp.Training.Images.Streaming;

namespace Subp.Training.Images;

/// <summary>
/// An image folder as a data set. Training images are random resized crops, mirrored at random; for measuring, the shorter side is resized
/// and the middle cut out. Memory holds a few images per thread, however large the set is.
/// </summary>
public sealed class ImageFolderDataset : IImageSource
{
    /// <summary>The normalisation with which networks for ImageNet are trained.</summary>
    public static readonly ChannelNormalization ImageNet = new([0.485f, 0.456f, 0.406f], [0.229f, 0.224f, 0.225f]);

    /// <summary>Describes a data set; files are opened when batches are read.</summary>
    /// <param name="folder">The images.</param>
    /// <param name="options">How they become inputs.</param>
    /// <param name="skipped">Where images that cannot be read are noted.</param>
    /// <exception cref="ArgumentOutOfRangeException">An extent is not positive, or the shorter side is below the input.</exception>
    public ImageFolderDataset(ImageFolder folder, ImageFolderOptions options, SkippedImages skipped)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Threads);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.ShorterSide, Math.Max(options.Height, options.Width));
        (Folder, Options, Skipped) = (folder, options, skipped);
    }

    /// <summary>The images.</summary>
    public ImageFolder Folder { get; }

    /// <summary>How they become inputs.</summary>
    public ImageFolderOptions Options { get; }

    /// <summary>The images that could not be read so far.</summary>
    public SkippedImages Skipped { get; }

    /// <inheritdoc/>
    public int Count => Folder.Files.Count;

    /// <inheritdoc/>
    public int Channels => 3;

    /// <inheritdoc/>
    public int Height => Options.Height;

    /// <inheritdoc/>
    public int Width => Options.Width;

    /// <inheritdoc/>
    public IReadOnlyList<string> ClassNames => Folder.ClassNames;

    /// <inheritdoc/>
    public string LabelHash => Folder.HashLabels();

    /// <inheritdoc/>
    public ChannelNormalization MeasureNormalization() => ImageNet;

    /// <inheritdoc/>
    public IBatchSource Open(ChannelNormalization normalization, Augmentation augmentation, Shard shard) =>
        normalization.Mean.Count == Channels && normalization.Deviation.Count == Channels
            ? new ImageFolderBatches(this, normalization, augmentation, shard)
            : throw new ArgumentException($"Images of {Channels} channels need as many means and deviations.", nameof(normalization));
}
