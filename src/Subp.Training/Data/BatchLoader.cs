using Subp.Training.Numerics;

namespace Subp.Training.Data;

/// <summary>How training images are varied. Both variations are drawn anew for every image of every epoch.</summary>
/// <param name="Shift">The largest shift in pixels along each axis; what is shifted in is black.</param>
/// <param name="Flip">Whether every second image, at random, is mirrored left to right.</param>
/// <param name="CropArea">Image folders only: the smallest share of the area of an image that a random crop takes.</param>
public sealed record Augmentation(int Shift, bool Flip, double CropArea = 1)
{
    /// <summary>Images as they are.</summary>
    public static readonly Augmentation None = new(0, false);
}

/// <summary>Turns images of a data set in memory into normalised float batches, in a random or in the stored order.</summary>
public sealed class BatchLoader : IBatchSource
{
    private readonly ImageDataset _dataset;
    private readonly float[][] _levels;
    private readonly int[] _order;
    private readonly Augmentation _augmentation;
    private readonly Shard _shard;
    private Augmentation _current = Augmentation.None;
    private DeterministicRandom _variation = Unused;

    /// <summary>Prepares to load a data set.</summary>
    /// <exception cref="ArgumentException">The normalisation has another number of channels than the images.</exception>
    public BatchLoader(ImageDataset dataset, ChannelNormalization normalization, Augmentation? augmentation = null, Shard? shard = null)
    {
        if (normalization.Mean.Count != dataset.Channels || normalization.Deviation.Count != dataset.Channels)
            throw new ArgumentException("Images and normalisation have different numbers of channels.", nameof(normalization));

        _dataset = dataset;
        _augmentation = augmentation ?? Augmentation.None;
        _shard = shard ?? Shard.Whole;
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

    /// <inheritdoc/>
    public int Position { get; private set; }

    /// <inheritdoc/>
    public void StartEpoch(DeterministicRandom order, DeterministicRandom variation, int position = 0)
    {
        Shuffle(order);
        Position = position;
        (_current, _variation) = (_augmentation, variation);
    }

    /// <inheritdoc/>
    public void StartPass()
    {
        for (int i = 0; i < _order.Length; i++)
            _order[i] = i;

        Position = 0;
        (_current, _variation) = (Augmentation.None, Unused);
    }

    /// <inheritdoc/>
    public int Next(Span<float> images, Span<int> labels)
    {
        int loaded = 0;
        // The images of other processes are drawn as well, and the last round to its end, so that the generators of all stay alike.
        for (; Position < Count && (loaded < labels.Length || Position % _shard.Count != 0); Position++)
        {
            var variation = Draw(_current, _variation);
            if (Position % _shard.Count == _shard.Index)
                Load(Position, images.Slice(loaded * ImageLength, ImageLength), out labels[loaded++], variation);
        }

        return loaded;
    }

    /// <inheritdoc/>
    public void Dispose() { }

    /// <summary>Puts the images into a new random order, which depends on the generator alone and not on earlier orders.</summary>
    public void Shuffle(DeterministicRandom random)
    {
        for (int i = 0; i < _order.Length; i++)
            _order[i] = i;

        random.Shuffle(_order);
    }

    /// <summary>Loads images [first, first + labels.Length) of the current order, varied.</summary>
    /// <exception cref="ArgumentException">The images do not fit <paramref name="images"/>.</exception>
    public void Load(int first, Span<float> images, Span<int> labels, Augmentation augmentation, DeterministicRandom random)
    {
        if (images.Length != labels.Length * ImageLength)
            throw new ArgumentException($"{labels.Length} images need {labels.Length * ImageLength} floats.", nameof(images));

        for (int i = 0; i < labels.Length; i++)
            Load(first + i, images.Slice(i * ImageLength, ImageLength), out labels[i], Draw(augmentation, random));
    }

    /// <summary>Loads images [first, first + labels.Length) of the current order as they are.</summary>
    /// <exception cref="ArgumentException">The images do not fit <paramref name="images"/>.</exception>
    public void Load(int first, Span<float> images, Span<int> labels) => Load(first, images, labels, Augmentation.None, Unused);

    private static readonly DeterministicRandom Unused = new(0);

    private static (int Rows, int Columns, bool Flip) Draw(Augmentation augmentation, DeterministicRandom random)
    {
        int range = (2 * augmentation.Shift) + 1;
        int rows = range == 1 ? 0 : random.NextInt32(range) - augmentation.Shift;
        int columns = range == 1 ? 0 : random.NextInt32(range) - augmentation.Shift;
        return (rows, columns, augmentation.Flip && (random.NextUInt64() >> 63) != 0);
    }

    private void Load(int position, Span<float> image, out int label, (int Rows, int Columns, bool Flip) variation)
    {
        int index = _order[position];
        label = _dataset.Labels[index];
        Copy(_dataset.Image(index), image, variation.Rows, variation.Columns, variation.Flip);
    }

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
