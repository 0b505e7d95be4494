using Subp.Core.Diagnostics;

namespace Subp.Training.Data;

/// <summary>Images with labels, held in memory as bytes; normalisation happens when a batch is made.</summary>
public sealed class ImageDataset : IImageSource
{
    /// <summary>Creates a data set over arrays that are not copied.</summary>
    /// <param name="name">What to call it in messages, for example the file of the labels.</param>
    /// <param name="pixels">[images][channels][height][width], 0 to 255.</param>
    /// <param name="labels">One class per image.</param>
    /// <param name="channels">The channels of an image.</param>
    /// <param name="height">The height of an image.</param>
    /// <param name="width">The width of an image.</param>
    /// <param name="classNames">The names of the classes, in the order of the labels.</param>
    /// <exception cref="SubpException">The numbers of images and labels differ, or a label is out of range.</exception>
    public ImageDataset(string name, byte[] pixels, byte[] labels, int channels, int height, int width, IReadOnlyList<string> classNames)
    {
        int imageLength = channels * height * width;
        if (pixels.Length != (long)labels.Length * imageLength)
        {
            throw new SubpException(
                DiagnosticDescriptors.DatasetMismatch,
                name,
                FormattableString.Invariant($"{labels.Length} labels"),
                FormattableString.Invariant($"{pixels.Length / imageLength}, one for every image"),
                "Use images and labels of the same set."
            );
        }

        int wrong = Array.FindIndex(labels, label => label >= classNames.Count);
        if (wrong >= 0)
        {
            throw new SubpException(
                DiagnosticDescriptors.LabelRange,
                name,
                FormattableString.Invariant($"label {labels[wrong]} of item {wrong}"),
                FormattableString.Invariant($"0 to {classNames.Count - 1}"),
                "Use the labels that belong to this data set."
            );
        }

        Pixels = pixels;
        Labels = labels;
        Channels = channels;
        Height = height;
        Width = width;
        ClassNames = classNames;
    }

    /// <summary>The number of images.</summary>
    public int Count => Labels.Length;

    /// <summary>[images][channels][height][width], 0 to 255.</summary>
    public byte[] Pixels { get; }

    /// <summary>One class per image.</summary>
    public byte[] Labels { get; }

    /// <summary>The channels of an image.</summary>
    public int Channels { get; }

    /// <summary>The height of an image.</summary>
    public int Height { get; }

    /// <summary>The width of an image.</summary>
    public int Width { get; }

    /// <inheritdoc/>
    public string LabelHash => Core.Text.StructureHash.Hex(Labels);

    /// <summary>The names of the classes, in the order of the labels.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>The bytes of one image.</summary>
    public int ImageLength => Channels * Height * Width;

    /// <summary>The bytes of an image.</summary>
    public ReadOnlySpan<byte> Image(int index) => Pixels.AsSpan(index * ImageLength, ImageLength);

    /// <inheritdoc/>
    public IBatchSource Open(ChannelNormalization normalization, Augmentation augmentation, Shard shard) =>
        new BatchLoader(this, normalization, augmentation, shard);

    /// <summary>The mean and the standard deviation of each channel, of pixel values in [0, 1].</summary>
    public ChannelNormalization MeasureNormalization()
    {
        var mean = new float[Channels];
        var deviation = new float[Channels];
        int plane = Height * Width;
        for (int channel = 0; channel < Channels; channel++)
        {
            long sum = 0;
            long squares = 0;
            for (int image = 0; image < Count; image++)
            {
                foreach (byte pixel in Image(image).Slice(channel * plane, plane))
                {
                    sum += pixel;
                    squares += pixel * pixel;
                }
            }

            double count = (double)Count * plane;
            double average = sum / count;
            mean[channel] = (float)(average / 255);
            deviation[channel] = (float)(Math.Sqrt(Math.Max(1, (squares / count) - (average * average))) / 255);
        }

        return new ChannelNormalization(mean, deviation);
    }
}

/// <summary>The normalisation of the input: (pixel / 255 - mean) / deviation, per channel.</summary>
/// <param name="Mean">The means of pixel values in [0, 1].</param>
/// <param name="Deviation">The standard deviations.</param>
public sealed record ChannelNormalization(IReadOnlyList<float> Mean, IReadOnlyList<float> Deviation);
