using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Inspection;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Training.Engines;
using Subp.Training.Engines.Embedded;
using Subp.Training.Numerics;

namespace Subp.Training.Synthesis;

/// <summary>
/// Images that nobody took, made from what a network knows of those that it was trained on: noise that is changed by its gradient until the
/// means and deviations in front of all batch normalisations are the stored ones, and the network sees the classes in turn. Sources: ZeroQ
/// (Cai et al., CVPR 2020) for the statistics, DeepInversion (Yin et al., CVPR 2020) for classes and smoothness.
/// </summary>
public static class SyntheticImages
{
    // A pass forward and back is two forward; what a processor does in some minutes.
    private const double PassesOfStep = 2;
    private const double MostMacs = 15e12;
    private const int Most = 250;
    private const int Fewest = 32;

    /// <summary>How many images can be made of a network in some minutes: 32 to 250.</summary>
    public static int CountFor(Graph graph)
    {
        var macs = (double)LayerCost.Total(graph).DenseMacs / BatchOf(graph);
        var steps = new SynthesisOptions { Images = Most }.Steps;
        return (int)Math.Clamp(MostMacs / (PassesOfStep * steps * Math.Max(macs, 1)), Fewest, Most);
    }

    /// <summary>The images of one input; 1 for what is no image, which nothing is made for.</summary>
    public static int BatchOf(Graph graph) => graph.Inputs[0].Shape is { IsImage: true, Batch: var batch } ? batch : 1;

    /// <summary>Makes images.</summary>
    /// <param name="model">The network, batch normalisations not folded.</param>
    /// <param name="options">How many, and how.</param>
    /// <param name="progress">Hears of the share that is done, and of the distance of statistics so far.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <returns>[channels][height][width] each, normalised as the network wants it; the same for everybody with the same instruction
    /// set.</returns>
    /// <exception cref="SubpException">SUBP0508: the network does not take one image, or has an operator that has no gradient here.
    /// SUBP0531: it has no batch normalisations, whose statistics are all there is to go by.</exception>
    public static IReadOnlyList<float[]> Create(
        Model model,
        SynthesisOptions options,
        Action<double, double>? progress = null,
        CancellationToken cancellation = default
    )
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Images);
        if (!model.Graph.Nodes.Any(node => node.Operator is BatchNorm))
            throw new SubpException(
                DiagnosticDescriptors.CalibrationInvalid,
                $"graph '{model.Graph.Name}'",
                "no batch normalisation",
                "some, whose statistics synthetic images are made to have",
                "Give inputs of the network, or export it with its normalisations."
            );
        var random = new DeterministicRandom(options.Seed);
        var images = new List<float[]>();
        var most = ImagesAtOnce.Of(model.Graph);
        var batches = (options.Images + most - 1) / most;
        var largest = (options.Images + batches - 1) / batches;
        using var matching = new StatisticsMatching(model, largest, options.Threads);
        for (var batch = 0; batch < batches; batch++)
        {
            // As equal as can be: the statistics of a small rest would be by chance.
            var count = (int)(((batch + 1L) * options.Images / batches) - ((long)batch * options.Images / batches));
            var first = images.Count;
            images.AddRange(
                Batch(
                    matching,
                    model.Graph.Inputs[0].Shape,
                    count,
                    first,
                    options,
                    random,
                    cancellation,
                    (share, distance) => progress?.Invoke((batch + share) / batches, distance)
                )
            );
        }

        return images;
    }

    private static IEnumerable<float[]> Batch(
        StatisticsMatching matching,
        TensorShape shape,
        int count,
        int first,
        SynthesisOptions options,
        DeterministicRandom random,
        CancellationToken cancellation,
        Action<double, double> progress
    )
    {
        var length = shape.Channels * shape.Height * shape.Width;
        var pixels = new float[count * length];
        for (var index = 0; index < pixels.Length; index++)
            pixels[index] = (float)random.NextGaussian();
        int[] labels = [.. Enumerable.Range(first, count).Select(image => image % matching.Classes)];
        var gradient = new float[pixels.Length];
        var descent = new ImageDescent(pixels.Length, options.LearningRate, options.Steps);
        for (var step = 0; step < options.Steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            var (distance, _) = matching.Run(pixels, labels, options.ClassShare, gradient);
            progress((double)step / options.Steps, distance);
            Roughness.AddGradient(pixels, shape.Height, shape.Width, options.Smoothness, gradient);
            descent.Step(pixels, gradient);
        }

        return pixels.Chunk(length);
    }
}
