using Subp.Training.Numerics;

namespace Subp.Training.Data;

/// <summary>How training images are varied. Both variations are drawn anew for every image of every epoch.</summary>
/// <param name="Shift">The largest shift in pixels along each axis; what is shifted in is black.</param>
/// <param name="Flip">Whether every second image, at random, is mirrored left to right.</param>
public sealed record Augmentation(int Shift, bool Flip)
{
    /// <summary>Images as they are.</summary>
    public static readonly Augmentation None = new(0, false);
}

/// <summary>Turns images of a data set into normalised float batches, in a random or in the stored order.</summary>
public sealed class BatchLoader
{
    private readonly ImageDataset _dataset;
    private readonly float[][] _levels;
    private readonly int[] _order;

    /// <summary>Prepares to load a data set.</summary>
    /// <exception cref="ArgumentException">The normalisation has another number of channels than the images.</exception>
    public BatchLoader(ImageDataset dataset, ChannelNormalization normalization)
    {
        if (normalization.Mean.Count != dataset.Channels || normalization.Deviation.Count != dataset.Channels)
            throw new ArgumentException("Images and normalisation have different numbers of channels.", nameof(normalization));

        _dataset = dataset;
        _levels = new float[dataset.Channels][];
        for (int channel = 0; channel < dataset.Channels; channel++)
        {
            var (mean, deviation) = (normalization.Mean[channel], normalization.Deviation[channel]);
            _levels[channel] = [.. Enumerable.Range(0, 256).Select(level => ((level / 255f) - mean) / deviation)];
        }

        _order = [.. Enumerable.Range(0, dataset.Count)];
    }

    /// <summary>The number of images.</summary>
    public int Count => _dataset.Count;

    /// <summary>The floats of one image.</summary>
    public int ImageLength => _dataset.ImageLength;

    /// <summary>Puts the images into a new random order, which depends on the generator alone and not on earlier orders.</summary>
    public void Shuffle(DeterministicRandom random)
    {
        for (int i = 0; i < _order.Length; i++)
            _order[i] = i;

        random.Shuffle(_order);
    }

    /// <summary>Loads images [first, first + labels.Length) of the current order, varied.</summary>
    /// <exception cref="ArgumentException">The images do not fit <paramref name="images"/>.</exception>
    public void Load(int first, Span<float> images, Span<int> labels, Augmentation augmentation, DeterministicRandom random) =>
        LoadPart(first, labels.Length, 0, images, labels, augmentation, random);

    /// <summary>
    /// Loads a part of the batch [first, first + count) of the current order, varied as it is in the whole batch: the generator moves by
    /// all of it, so that processes which load different parts stay alike.
    /// </summary>
    /// <param name="first">The first image of the batch.</param>
    /// <param name="count">The images of the batch.</param>
    /// <param name="offset">The first image of the part, counted from the first of the batch.</param>
    /// <param name="images">The images of the part, normalised, [images][channels][height][width].</param>
    /// <param name="labels">The classes of the part; its length is that of the part.</param>
    /// <param name="augmentation">How images are varied.</param>
    /// <param name="random">Decides how.</param>
    /// <exception cref="ArgumentException">The images do not fit <paramref name="images"/>.</exception>
    public void LoadPart(
        int first,
        int count,
        int offset,
        Span<float> images,
        Span<int> labels,
        Augmentation augmentation,
        DeterministicRandom random
    )
    {
        if (images.Length != labels.Length * ImageLength)
            throw new ArgumentException($"{labels.Length} images need {labels.Length * ImageLength} floats.", nameof(images));

        for (int i = 0; i < count; i++)
        {
            int range = (2 * augmentation.Shift) + 1;
            int rows = range == 1 ? 0 : random.NextInt32(range) - augmentation.Shift;
            int columns = range == 1 ? 0 : random.NextInt32(range) - augmentation.Shift;
            bool flip = augmentation.Flip && (random.NextUInt64() >> 63) != 0;
            int place = i - offset;
            if (place < 0 || place >= labels.Length)
                continue;
            int index = _order[first + i];
            labels[place] = _dataset.Labels[index];
            Copy(_dataset.Image(index), images.Slice(place * ImageLength, ImageLength), rows, columns, flip);
        }
    }

    /// <summary>Loads images [first, first + labels.Length) of the current order as they are.</summary>
    /// <exception cref="ArgumentException">The images do not fit <paramref name="images"/>.</exception>
    public void Load(int first, Span<float> images, Span<int> labels) => Load(first, images, labels, Augmentation.None, Unused);

    private static readonly DeterministicRandom Unused = new(0);

    private void Copy(ReadOnlySpan<byte> image, Span<float> target, int rows, int columns, bool flip)
    {
        int position = 0;
        for (int channel = 0; channel < _dataset.Channels; channel++)
        {
            float[] levels = _levels[channel];
            for (int row = 0; row < _dataset.Height; row++)
            {
                int fromRow = row + rows;
                for (int column = 0; column < _dataset.Width; column++)
                {
                    int fromColumn = (flip ? _dataset.Width - 1 - column : column) + columns;
                    bool inside = fromRow >= 0 && fromRow < _dataset.Height && fromColumn >= 0 && fromColumn < _dataset.Width;
                    byte pixel = inside ? image[(((channel * _dataset.Height) + fromRow) * _dataset.Width) + fromColumn] : (byte)0;
                    target[position++] = levels[pixel];
                }
            }
        }
    }
}
