using Subp.Training.Numerics;

namespace Subp.Training.Data;

/// <summary>A labelled set of images of one size, wherever they lie: in memory, or as files that are decoded on the way.</summary>
public interface IImageSource
{
    /// <summary>The number of images.</summary>
    int Count { get; }

    /// <summary>The channels of an image.</summary>
    int Channels { get; }

    /// <summary>The height of an image as the network gets it.</summary>
    int Height { get; }

    /// <summary>The width of an image as the network gets it.</summary>
    int Width { get; }

    /// <summary>The names of the classes, in the order of the labels.</summary>
    IReadOnlyList<string> ClassNames { get; }

    /// <summary>
    /// The sha256 of what is known of the labels without reading an image: of images in memory of their labels, one byte each; of files of
    /// their paths in the set, each with its label.
    /// </summary>
    string LabelHash { get; }

    /// <summary>The normalisation to use where the network does not bring one.</summary>
    ChannelNormalization MeasureNormalization();

    /// <summary>Opens the set for reading batches; one reader at a time goes through it.</summary>
    /// <param name="normalization">The normalisation, with as many channels as the images.</param>
    /// <param name="augmentation">How the images of an epoch of training are varied.</param>
    /// <param name="shard">The part of every batch that this process reads.</param>
    IBatchSource Open(ChannelNormalization normalization, Augmentation augmentation, Shard shard);
}

/// <summary>
/// The images that one of several processes reads: in the order of an epoch, every <paramref name="Count"/>th from the
/// <paramref name="Index"/>th on. As long as the number of processes divides the batch size, all parts of a step make up the batch that one
/// process would read.
/// </summary>
/// <param name="Index">The number of the process, from 0.</param>
/// <param name="Count">How many processes there are.</param>
public readonly record struct Shard(int Index, int Count)
{
    /// <summary>All images, for a process that trains alone.</summary>
    public static readonly Shard Whole = new(0, 1);
}

/// <summary>Gives the images of a set as normalised float batches, in a random or in the stored order.</summary>
public interface IBatchSource : IDisposable
{
    /// <summary>The number of images, of all processes together.</summary>
    int Count { get; }

    /// <summary>The floats of one image.</summary>
    int ImageLength { get; }

    /// <summary>
    /// The place in the order of all processes from which the next batch is taken; with the generators it is all that a resumed epoch
    /// needs.
    /// </summary>
    int Position { get; }

    /// <summary>Starts an epoch of training: all images in a new random order, each of them varied.</summary>
    /// <param name="order">Decides the order, and moves on by as much as an epoch takes of it.</param>
    /// <param name="variation">Decides the variations where these are drawn one after the other; may be the same generator.</param>
    /// <param name="position">Where to begin: zero, or <see cref="Position"/> of the epoch that is resumed.</param>
    void StartEpoch(DeterministicRandom order, DeterministicRandom variation, int position = 0);

    /// <summary>Starts a pass over all images in the stored order, as they are.</summary>
    void StartPass();

    /// <summary>Loads the next images.</summary>
    /// <param name="images">Room for as many images as there are labels: [images][channels][height][width].</param>
    /// <param name="labels">One class per image.</param>
    /// <returns>How many images were loaded: fewer than there is room for only at the end.</returns>
    int Next(Span<float> images, Span<int> labels);
}
