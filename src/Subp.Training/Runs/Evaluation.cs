using Subp.Training.Data;
using Subp.Training.Engines;

namespace Subp.Training.Runs;

/// <summary>How good a network is on a data set.</summary>
/// <param name="Accuracy">The share of images classified correctly.</param>
/// <param name="Loss">The mean cross entropy.</param>
public sealed record Evaluation(double Accuracy, double Loss)
{
    /// <summary>Evaluates the masked network of an engine on all images of a loader.</summary>
    public static Evaluation Of(ITrainingEngine engine, BatchLoader loader, CancellationToken cancellation = default)
    {
        int classes = engine.Graph.ShapeOf(engine.Graph.Outputs[0]).Channels;
        bool probabilities = engine.Graph.FindNode(engine.Graph.Outputs[0])?.Operator is Core.Operators.Softmax;
        var images = new float[engine.BatchCapacity * loader.ImageLength];
        var labels = new int[engine.BatchCapacity];
        var outputs = new float[engine.BatchCapacity * classes];
        int correct = 0;
        double loss = 0;
        for (int first = 0; first < loader.Count; first += engine.BatchCapacity)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = Math.Min(engine.BatchCapacity, loader.Count - first);
            var batch = images.AsSpan(0, count * loader.ImageLength);
            loader.Load(first, batch, labels.AsSpan(0, count));
            engine.Predict(batch, count, outputs.AsSpan(0, count * classes));
            for (int i = 0; i < count; i++)
            {
                var row = outputs.AsSpan(i * classes, classes);
                float largest = row[0];
                int best = 0;
                for (int c = 1; c < classes; c++)
                {
                    if (row[c] > largest)
                    {
                        largest = row[c];
                        best = c;
                    }
                }

                correct += best == labels[i] ? 1 : 0;
                loss += probabilities ? -Math.Log(Math.Max(1e-38, row[labels[i]])) : LogSum(row, largest) - row[labels[i]];
            }
        }

        return new Evaluation((double)correct / loader.Count, loss / loader.Count);
    }

    private static double LogSum(ReadOnlySpan<float> row, float largest)
    {
        double sum = 0;
        foreach (float value in row)
            sum += Math.Exp(value - largest);

        return largest + Math.Log(sum);
    }
}
