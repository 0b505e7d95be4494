using Subp.Core.Diagnostics;
using Subp.Training.Data;
using Subp.Training.Images.Decoding;
using Subp.Training.Images.Folders;
using Subp.Training.Images.Transforms;
using Subp.Training.Numerics;

namespace Subp.Training.Images.Streaming;

/// <summary>
/// Batches of an image folder. What becomes of an image depends on the seed of the epoch and its number alone, not on the thread that
/// decodes it or on the images before it.
/// </summary>
internal sealed class ImageFolderBatches : IBatchSource
{
    private const int PlacesPerThread = 8;

    private readonly ImageFolderDataset _dataset;
    private readonly Augmentation _augmentation;
    private readonly Shard _shard;
    private readonly (float Scale, float Shift)[] _levels;
    private readonly Place[] _places;
    private OrderedQueue<Place>? _queue;
    private bool _isAnyRead;

    /// <summary>Prepares to read a folder.</summary>
    public ImageFolderBatches(ImageFolderDataset dataset, ChannelNormalization normalization, Augmentation augmentation, Shard shard)
    {
        _dataset = dataset;
        _augmentation = augmentation;
        _shard = shard;
        _levels = [.. normalization.Mean.Zip(normalization.Deviation, (mean, deviation) => (1 / (255 * deviation), -mean / deviation))];
        _places = [.. Enumerable.Range(0, PlacesPerThread * dataset.Options.Threads).Select(_ => new Place(ImageLength))];
    }

    /// <inheritdoc/>
    public int Count => _dataset.Count;

    /// <inheritdoc/>
    public int ImageLength => _dataset.Channels * _dataset.Height * _dataset.Width;

    /// <inheritdoc/>
    public int Position { get; private set; }

    /// <inheritdoc/>
    public void StartEpoch(DeterministicRandom order, DeterministicRandom variation, int position = 0)
    {
        int[] indices = [.. Enumerable.Range(0, Count)];
        order.Shuffle(indices);
        ulong seed = order.NextUInt64();
        // The odd factor keeps the generators of neighbouring images apart.
        Start(indices, position, index => new DeterministicRandom(seed + ((ulong)index * 0x9E3779B97F4A7C15UL)));
    }

    /// <inheritdoc/>
    public void StartPass() => Start([.. Enumerable.Range(0, Count)], 0, random: null);

    /// <inheritdoc/>
    /// <exception cref="SubpException">SUBP0572: an image cannot be read and the run is strict, or none of all can.</exception>
    public int Next(Span<float> images, Span<int> labels)
    {
        var queue = _queue ?? throw new InvalidOperationException("No epoch has been started.");
        int loaded = 0;
        while (loaded < labels.Length && queue.Wait() is { } place)
        {
            if (place.IsImage)
            {
                place.Pixels.CopyTo(images[(loaded * ImageLength)..]);
                labels[loaded++] = place.Label;
            }

            queue.Release();
            Position += _shard.Count;
        }

        _isAnyRead |= loaded > 0;
        return loaded > 0 || _isAnyRead ? loaded : throw NothingReadable();
    }

    /// <inheritdoc/>
    public void Dispose() => _queue?.Dispose();

    private void Start(int[] order, int position, Func<int, DeterministicRandom>? random)
    {
        int[] indices = [.. order.Where((_, place) => place % _shard.Count == _shard.Index)];
        _queue?.Dispose();
        Position = position;
        // A process may have no image of its own, where there are fewer than processes.
        _isAnyRead = position > 0 || indices.Length == 0;
        _queue = new OrderedQueue<Place>(
            position / _shard.Count,
            indices.Length,
            _places,
            _dataset.Options.Threads,
            (item, place) => Load(_dataset.Folder.Files[indices[item]], random?.Invoke(indices[item]), place)
        );
    }

    private void Load(ImageFile file, DeterministicRandom? random, Place place)
    {
        place.IsImage = false;
        place.Label = file.Label;
        var (height, width) = (_dataset.Height, _dataset.Width);
        try
        {
            var image = ImageDecoder.Decode(file.Path);
            var plan = random is null
                ? CropPlan.Centre(image.Width, image.Height, _dataset.Options.ShorterSide, width, height)
                : CropPlan.Random(image.Width, image.Height, width, height, _augmentation.CropArea, _augmentation.Flip, random);
            Resampler.Resample(image, plan, _levels, width, height, place.Pixels);
            place.IsImage = true;
        }
        catch (ImageUnreadableException exception)
        {
            _dataset.Skipped.Add(file.Path, exception.Message);
        }
    }

    private SubpException NothingReadable() =>
        new(
            DiagnosticDescriptors.ImageUnreadable,
            _dataset.Folder.Root,
            FormattableString.Invariant($"{Count} images of which none can be read; the first: {_dataset.Skipped.List()[0].Value}"),
            "JPEG or PNG images"
        );

    /// <summary>Room for one decoded image.</summary>
    private sealed class Place(int length)
    {
        public float[] Pixels { get; } = new float[length];

        public int Label { get; set; }

        public bool IsImage { get; set; }
    }
}
