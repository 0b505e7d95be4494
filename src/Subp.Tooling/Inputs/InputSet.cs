using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Interpretation;
using Subp.Training.Data;
using Subp.Training.Numerics;

namespace Subp.Tooling.Inputs;

/// <summary>
/// Inputs to run a network on: normalised images with their classes, or random numbers without. One input is one batch of the network.
/// </summary>
internal sealed class InputSet
{
    private readonly float[][] _inputs;
    private readonly int[]? _labels;

    private InputSet(string name, float[][] inputs, int[]? labels, int batch)
    {
        Name = name;
        _inputs = inputs;
        _labels = labels;
        Batch = batch;
    }

    /// <summary>What they are, for messages.</summary>
    public string Name { get; }

    /// <summary>The number of inputs.</summary>
    public int Count => _inputs.Length;

    /// <summary>Images in each input.</summary>
    public int Batch { get; }

    /// <summary>The floats of one input, NCHW.</summary>
    public float[] this[int index] => _inputs[index];

    /// <summary>True where the classes are known.</summary>
    public bool HasLabels => _labels is not null;

    /// <summary>The class of an image of an input.</summary>
    public int Label(int input, int image) => _labels![(input * Batch) + image];

    /// <summary>The first images of a data set, normalised as the network wants them.</summary>
    /// <param name="name">What to call them.</param>
    /// <param name="images">The data set.</param>
    /// <param name="shape">The shape of the network's input; images that do not fill a batch are left out.</param>
    /// <param name="metadata">The normalisation of the network; where it has none, that of the data set's training images.</param>
    /// <param name="limit">The most images.</param>
    /// <param name="areBytes">Whether the network takes pixels as they are.</param>
    /// <exception cref="SubpException">The images have another shape than the input.</exception>
    public static InputSet OfImages(
        string name,
        ImageDataset images,
        TensorShape shape,
        ModelMetadata metadata,
        int limit = int.MaxValue,
        bool areBytes = false
    )
    {
        RequireFit(name, images, shape);
        var inputs = new float[Math.Min(limit, images.Count) / shape.Batch][];
        for (var input = 0; input < inputs.Length; input++)
            inputs[input] = Normalized(images, input * shape.Batch, shape, metadata, areBytes);
        return new InputSet(name, inputs, [.. images.Labels], shape.Batch);
    }

    /// <summary>
    /// The batch of a data set in which one of its images lies. The last images that fill no batch are in one with images before them.
    /// </summary>
    /// <param name="name">What to call the images.</param>
    /// <param name="images">The data set.</param>
    /// <param name="index">The number of the image.</param>
    /// <param name="shape">The shape of the network's input.</param>
    /// <param name="metadata">The normalisation, as for <see cref="OfImages"/>.</param>
    /// <param name="areBytes">Whether the network takes pixels as they are.</param>
    /// <returns>The input, and which of its images is the one that was asked for.</returns>
    /// <exception cref="SubpException">The images have another shape than the input, or are fewer than a batch.</exception>
    public static (float[] Input, int Slot) OfImage(
        string name,
        ImageDataset images,
        int index,
        TensorShape shape,
        ModelMetadata metadata,
        bool areBytes
    )
    {
        RequireFit(name, images, shape);
        var first = Math.Min(index - (index % shape.Batch), images.Count - shape.Batch);
        return first >= 0
            ? (Normalized(images, first, shape, metadata, areBytes), index - first)
            : throw new SubpException(
                DiagnosticDescriptors.ShapeMismatch,
                name,
                FormattableString.Invariant($"{images.Count} images"),
                FormattableString.Invariant($"at least {shape.Batch}, the batch of the network")
            );
    }

    private static void RequireFit(string name, ImageDataset images, TensorShape shape)
    {
        if (!Fits(images, shape))
            throw new SubpException(
                DiagnosticDescriptors.ShapeMismatch,
                name,
                FormattableString.Invariant($"images of [{images.Channels},{images.Height},{images.Width}]"),
                $"the input of the network, {shape}",
                "Use another --data-dir, or random inputs."
            );
    }

    private static float[] Normalized(ImageDataset images, int first, TensorShape shape, ModelMetadata metadata, bool areBytes)
    {
        var mean = metadata.NormalizationMean.Count > 0 ? metadata.NormalizationMean : FashionMnist.Normalization.Mean;
        var deviation = metadata.NormalizationDeviation.Count > 0 ? metadata.NormalizationDeviation : FashionMnist.Normalization.Deviation;
        var plane = images.Height * images.Width;
        var input = new float[shape.ElementCount];
        for (var image = 0; image < shape.Batch; image++)
        {
            var pixels = images.Image(first + image);
            for (var index = 0; index < pixels.Length; index++)
                input[(image * pixels.Length) + index] = areBytes
                    ? pixels[index]
                    : ((pixels[index] / 255f) - mean[index / plane]) / deviation[index / plane];
        }

        return input;
    }

    /// <summary>Numbers from -1 to 1, the same in every run.</summary>
    public static InputSet OfRandom(TensorShape shape, int count, ulong seed) => OfRandom(shape, [], count, seed);

    /// <summary>What a network takes: for each input numbers from -1 to 1, or bytes from 0 to 255. It is the same in every run.</summary>
    public static InputSet OfRandom(Graph graph, int count, ulong seed) => OfRandom(JoinedInputs.ShapeOf(graph), graph.Inputs, count, seed);

    private static InputSet OfRandom(TensorShape shape, IReadOnlyList<GraphInput> ports, int count, ulong seed)
    {
        var areBytes = new bool[shape.ElementCount];
        var start = 0;
        foreach (var port in ports)
        {
            Array.Fill(areBytes, port.Type.Quantization is not null, start, port.Shape.ElementCount);
            start += port.Shape.ElementCount;
        }

        var random = new DeterministicRandom(seed);
        var inputs = new float[count][];
        for (var input = 0; input < count; input++)
        {
            inputs[input] = new float[shape.ElementCount];
            for (var index = 0; index < inputs[input].Length; index++)
                inputs[input][index] = areBytes[index]
                    ? (float)Math.Floor(random.NextDouble() * (byte.MaxValue + 1))
                    : (float)((2 * random.NextDouble()) - 1);
        }

        return new InputSet("random inputs", inputs, labels: null, shape.IsImage || shape.IsVector ? shape.Batch : 1);
    }

    /// <summary>Floats that the caller brought.</summary>
    public static InputSet OfFloats(string name, float[] input, int batch) => new(name, [input], labels: null, batch);

    /// <summary>Inputs that the caller brought, without classes.</summary>
    public static InputSet OfInputs(string name, IReadOnlyList<float[]> inputs, int batch) => new(name, [.. inputs], labels: null, batch);

    /// <summary>True where images of a data set are inputs of a network.</summary>
    public static bool Fits(ImageDataset images, TensorShape shape) =>
        shape.IsImage && shape.Channels == images.Channels && shape.Height == images.Height && shape.Width == images.Width;
}
