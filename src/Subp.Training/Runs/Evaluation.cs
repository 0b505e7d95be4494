using Subp.Training.Data;
using Subp.Training.Distributed;
using Subp.Training.Engines;

namespace Subp.Training.Runs;

/// <summary>How good a network is on a data set.</summary>
/// <param name="Accuracy">The share of images classified correctly.</param>
/// <param name="Loss">The mean cross entropy.</param>
public sealed record Evaluation(double Accuracy, double Loss)
{
    /// <summary>Evaluates the masked network of an engine on all images of a loader.</summary>
    public static Evaluation Of(ITrainingEngine engine, BatchLoader loader, CancellationToken cancellation = default) =>
        Of(engine, loader, new DataParallel(SingleProcess.Instance, engine.BatchCapacity), cancellation);

    /// <summary>Evaluates the network on all images of a loader, each process on its part of them.</summary>
    internal static Evaluation Of(ITrainingEngine engine, BatchLoader loader, DataParallel parallel, CancellationToken cancellation)
    {
        var (from, to) = parallel.Part(loader.Count);
        Span<double> sums = stackalloc double[2];
        (sums[0], sums[1]) = Sums(engine, loader, from, to, cancellation);
        parallel.Sum(sums);
        return new Evaluation(sums[0] / loader.Count, sums[1] / loader.Count);
    }

    private static (int Correct, double Loss) Sums(
        ITrainingEngine engine,
        BatchLoader loader,
        int from,
        int to,
        CancellationToken cancellation
    )
    {
        int classes = engine.Graph.ShapeOf(engine.Graph.Outputs[0]).Channels;
        bool probabilities = engine.Graph.FindNode(engine.Graph.Outputs[0])?.Operator is Core.Operators.Softmax;
        var images = new float[engine.BatchCapacity * loader.ImageLength];
        var labels = new int[engine.BatchCapacity];
        var outputs = new float[engine.BatchCapacity * classes];
        int correct = 0;
        double loss = 0;
        for (int first = from; first < to; first += engine.BatchCapacity)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = Math.Min(engine.BatchCapacity, to - first);
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

        return (correct, loss);
    }

    private static double LogSum(ReadOnlySpan<float> row, float largest)
    {
        double sum = 0;
        foreach (float value in row)
            sum += Math.Exp(value - largest);

        return largest + Math.Log(sum);
    }
}
