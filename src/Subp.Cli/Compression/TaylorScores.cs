using Subp.Core.Diagnostics;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Training.Engines;
using Subp.Training.Engines.Embedded;

namespace Subp.Cli.Compression;

/// <summary>
/// What the loss would change by if a channel were zero, to first order (Molchanov et al., CVPR 2019): the squared product of the channel
/// and the gradient of the loss in it, the mean over batches. Behind a normalisation the channel is its scale and shift, whose products
/// with their gradients add up; the filters in front say nothing there, since their size is normalised away. The labels are the
/// network's own answers.
/// </summary>
internal static class TaylorScores
{
    private const int BatchSize = 32;

    /// <summary>One score for each channel of every convolution, linear layer and normalisation, by the name of the node.</summary>
    /// <param name="model">The network, batch normalisations not folded.</param>
    /// <param name="inputs">Inputs of the network.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="SubpException">The network cannot be trained, so that there are no gradients.</exception>
    public static IReadOnlyDictionary<string, double[]> Measure(Model model, IReadOnlyList<float[]> inputs, CancellationToken cancellation)
    {
        var batch = model.Graph.Inputs[0].Shape.Batch;
        var length = model.Graph.Inputs[0].Shape.ElementCount / batch;
        var images = inputs.SelectMany(input => input).ToArray();
        var count = images.Length / length;
        using var engine = EmbeddedProvider.Instance.Create(
            new EngineRequest(model.Graph, model.Weights, Math.Min(BatchSize, count), new EngineSettings())
        );
        var scores = new Dictionary<string, double[]>(StringComparer.Ordinal);
        // A batch of fewer images would have statistics of its own.
        for (var first = 0; first <= count - engine.BatchCapacity; first += engine.BatchCapacity)
        {
            cancellation.ThrowIfCancellationRequested();
            var some = images.AsSpan(first * length, engine.BatchCapacity * length);
            engine.ComputeGradients(some, Answers(engine, model, some), labelSmoothing: 0);
            foreach (var node in model.Graph.Nodes)
            {
                string[] parameters = node.Operator switch
                {
                    BatchNorm norm => [norm.Scale, norm.Shift],
                    Conv2d or Linear => [.. node.Operator.Parameters.Select(use => use.Name)],
                    _ => [],
                };
                if (parameters.Length == 0)
                    continue;
                if (!scores.TryGetValue(node.Name, out var sums))
                    scores[node.Name] = sums = new double[node.Shape.Channels];
                Add(engine, parameters, sums);
            }
        }

        return scores;
    }

    private static int[] Answers(ITrainingEngine engine, Model model, ReadOnlySpan<float> images)
    {
        var classes = model.Graph.ShapeOf(model.Graph.Outputs[0]).Channels;
        var outputs = new float[engine.BatchCapacity * classes];
        engine.Predict(images, engine.BatchCapacity, outputs);
        var answers = new int[engine.BatchCapacity];
        for (var image = 0; image < answers.Length; image++)
        {
            var own = outputs.AsSpan(image * classes, classes);
            for (var index = 1; index < classes; index++)
            {
                if (own[index] > own[answers[image]])
                    answers[image] = index;
            }
        }

        return answers;
    }

    private static void Add(ITrainingEngine engine, string[] parameters, double[] sums)
    {
        var change = new double[sums.Length];
        foreach (var parameter in parameters)
        {
            var values = engine.Values(parameter);
            var gradient = engine.Gradient(parameter);
            var size = values.Length / sums.Length;
            for (var index = 0; index < gradient.Length; index++)
                change[index / size] += (double)values[index] * gradient[index];
        }

        for (var channel = 0; channel < sums.Length; channel++)
            sums[channel] += change[channel] * change[channel];
    }
}
