using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Weights;
using Subp.Training.Engines;
using Subp.Training.Recipes;

namespace Subp.Training.Runs;

/// <summary>A finished network that answers the images of every step, so that the pupil learns from its answers as well.</summary>
internal sealed class Teacher : IDisposable
{
    private readonly ITrainingEngine _engine;
    private readonly TrainingRecipe _recipe;
    private readonly bool _hasProbabilities;
    private readonly int _classes;
    private readonly float[] _logits;
    private readonly InputConversion? _conversion;

    private Teacher(ITrainingEngine engine, TrainingRecipe recipe, InputConversion? conversion)
    {
        _conversion = conversion;
        var network = new TrainedNetwork(engine.Graph);
        (_engine, _recipe, _hasProbabilities, _classes) = (engine, recipe, network.EndsWithSoftmax, network.Classes);
        _logits = new float[engine.BatchCapacity * _classes];
    }

    /// <summary>Prepares the teacher of a recipe; null where the recipe asks for none.</summary>
    /// <exception cref="SubpException">SUBP0582: the recipe and the teacher do not go together, or teacher and pupil do not.</exception>
    public static Teacher? Create(
        TrainingRecipe recipe,
        Model? teacher,
        Graph pupil,
        ITrainingEngineProvider provider,
        EngineRequest request
    )
    {
        if (recipe.Distillation == 0 && teacher is null)
            return null;

        if (teacher is null || recipe.Distillation == 0)
        {
            throw Mismatch(
                teacher is null
                    ? FormattableString.Invariant($"distillation {recipe.Distillation} and no teacher")
                    : "a teacher and distillation 0",
                "both or neither",
                "Name the teacher with --teacher, and its share of the loss with --distillation."
            );
        }

        var (own, its) = (new TrainedNetwork(pupil), new TrainedNetwork(teacher.Graph));
        if (own.Classes != its.Classes)
        {
            throw Mismatch(
                FormattableString.Invariant($"a teacher of {its.Classes} classes"),
                FormattableString.Invariant($"{own.Classes}, as the network that is trained"),
                "Choose a teacher that was trained on the same classes."
            );
        }

        var (image, wanted) = (teacher.Graph.Inputs[0].Shape, pupil.Inputs[0].Shape);
        if (!image.Dimensions.Skip(1).SequenceEqual(wanted.Dimensions.Skip(1)))
            throw Mismatch($"a teacher for images of shape {image}", $"{wanted}", "Choose a teacher for the same images.");

        // No image is converted for a network that says for another number of channels how it wants its images.
        if (RunNetwork.Normalization(teacher.Graph) is { } normalization && normalization.Mean.Count != image.Channels)
        {
            throw Mismatch(
                FormattableString.Invariant($"a normalisation of {normalization.Mean.Count} channels"),
                FormattableString.Invariant($"{image.Channels}, as the images have"),
                "Give the teacher a normalisation of one mean and one deviation per channel."
            );
        }

        return new Teacher(
            provider.Create(request with { Graph = teacher.Graph, Weights = teacher.Weights, Rounding = null }),
            recipe,
            InputConversion.Between(pupil, teacher.Graph)
        );
    }

    /// <summary>The answers to some images, which are normalised as the pupil wants them.</summary>
    public TeacherAnswers Answer(ReadOnlySpan<float> images, int count)
    {
        var logits = _logits.AsMemory(0, count * _classes);
        _engine.Predict(_conversion is null ? images : _conversion.Apply(images), count, logits.Span);
        // The logarithm of probabilities differs from logits by a constant for each image, which softmax does not see.
        if (_hasProbabilities)
        {
            foreach (ref float value in logits.Span)
                value = MathF.Log(MathF.Max(value, 1e-30f));
        }

        return new TeacherAnswers(logits, (float)_recipe.Distillation, (float)_recipe.Temperature);
    }

    /// <inheritdoc/>
    public void Dispose() => _engine.Dispose();

    private static SubpException Mismatch(string found, string expected, string action) =>
        new(DiagnosticDescriptors.TeacherMismatch, "teacher", found, expected, action);
}
