using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Weights;
using Subp.Training.Engines;
using Subp.Training.Engines.Embedded;
using Subp.Training.Numerics;
using Subp.Training.Recipes;
using Subp.Training.Runs;

namespace Subp.Training.Distilling;

/// <summary>
/// Trains what is left of a network that was made smaller to answer as the original does, on inputs without labels. Pruned blocks stay
/// pruned. Source of the loss: Hinton, Vinyals, Dean, "Distilling the Knowledge in a Neural Network", 2015, with the teacher's answers
/// alone; that some hundred inputs are enough for a network that begins near the original is the finding of Li et al., "Few Sample
/// Knowledge Distillation for Efficient Network Compression", CVPR 2020. That mixed images, to which only a teacher knows an answer, stand
/// for many more is that of Beyer et al., "Knowledge distillation: A good teacher is patient and consistent", CVPR 2022.
/// </summary>
public static class UnlabelledDistillation
{
    private const double Momentum = 0.9;
    private const double WeightDecay = 5e-4;

    /// <summary>Whether a network can be distilled; throws if not, before anything is done.</summary>
    /// <param name="graph">The network.</param>
    /// <exception cref="SubpException">SUBP0508: it does not take one image and give classes, or has an operator without a gradient
    /// here.</exception>
    public static void Require(Graph graph)
    {
        var network = new TrainedNetwork(graph);
        using var program = new EngineProgram(network, 1, Engines.Embedded.Kernels.MicroKernel.Best);
    }

    /// <summary>Trains the network.</summary>
    /// <param name="changed">The network that was made smaller, batch normalisations not folded. It is not changed.</param>
    /// <param name="original">The network whose answers are learned; its batch normalisations may be folded.</param>
    /// <param name="inputs">Inputs of both networks, normalised as they want them, of as many images as the graph says.</param>
    /// <param name="options">How long, and how.</param>
    /// <param name="progress">Hears of the share that is done, and of the mean loss of the last pass.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <returns>The network with the patterns of <paramref name="changed"/>; the same bits for the same instruction set. Where its answers
    /// to these inputs, as they are, came no nearer to those of the original, <paramref name="changed"/> itself.</returns>
    /// <exception cref="SubpException">SUBP0508: it cannot be trained. SUBP0582: the networks do not take the same images or have not
    /// the same classes. SUBP0506: the loss is not finite.</exception>
    public static Model Distill(
        Model changed,
        Model original,
        IReadOnlyList<float[]> inputs,
        DistillationOptions options,
        Action<double, double>? progress = null,
        CancellationToken cancellation = default
    )
    {
        var images = new ShiftedImages(inputs, changed.Graph.Inputs[0].Shape, options.Shift);
        var most = Math.Min(options.BatchSize, ImagesAtOnce.Of(changed.Graph));
        var steps = (images.Count + most - 1) / most;
        var recipe = new TrainingRecipe
        {
            Method = changed.Graph.Parameters.Any(parameter => parameter.Pattern is not null) ? TrainingMethod.Fixed : TrainingMethod.Dense,
            Epochs = options.Epochs,
            BatchSize = (images.Count + steps - 1) / steps,
            LearningRate = options.LearningRate,
            WarmupEpochs = 0,
            Distillation = 1,
            Temperature = options.Temperature,
        };
        var request = new EngineRequest(
            changed.Graph,
            changed.Weights,
            recipe.BatchSize,
            new EngineSettings { Threads = options.Threads, Seed = options.Seed }
        );
        using var teacher = Teacher.Create(recipe, original, changed.Graph, EmbeddedProvider.Instance, request)!;
        using var engine = EmbeddedProvider.Instance.Create(request);
        var masks = new MaskState(recipe, changed.Graph);
        masks.Begin(engine);
        var answers = new AnswerDistance(images, teacher, engine, recipe.BatchSize);
        var before = answers.Measure();
        var random = new DeterministicRandom(options.Seed);
        var batch = new float[recipe.BatchSize * images.Length];
        // Nothing asks for the labels: the share of the teacher in the loss is all of it.
        var labels = new int[recipe.BatchSize];
        for (var epoch = 0; epoch < options.Epochs; epoch++)
        {
            images.Shuffle(random);
            double loss = 0;
            for (var step = 0; step < steps; step++)
            {
                cancellation.ThrowIfCancellationRequested();
                // As equal as can be: a small rest would have the statistics of chance.
                var first = (int)((long)step * images.Count / steps);
                var count = (int)((step + 1L) * images.Count / steps) - first;
                var pixels = batch.AsSpan(0, count * images.Length);
                images.Load(first, count, pixels, random);
                if (epoch < options.MixedShare * options.Epochs)
                    images.Mix(pixels, random);
                engine.Teacher = teacher.Answer(pixels, count);
                var rate = (float)LearningRate.At(recipe, epoch + ((double)step / steps));
                var settings = new StepSettings(rate, (float)Momentum, (float)WeightDecay, 0, 0, MasksAreFinal: true);
                loss += Finite(engine.Train(pixels, labels.AsSpan(0, count), settings).Loss, epoch) / steps;
            }

            progress?.Invoke((epoch + 1.0) / options.Epochs, loss);
        }

        return answers.Measure() < before ? ModelExport.Export(engine, masks) : changed;
    }

    private static double Finite(double loss, int epoch) =>
        double.IsFinite(loss)
            ? loss
            : throw new SubpException(
                DiagnosticDescriptors.TrainingDiverged,
                FormattableString.Invariant($"pass {epoch + 1} over the inputs"),
                FormattableString.Invariant($"a loss of {loss}"),
                "a finite loss",
                "Restore the network with --restore moments first, or leave --distill out."
            );
}
