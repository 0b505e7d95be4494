using Subp.Training.Data;
using Subp.Training.Distributed;
using Subp.Training.Engines;

namespace Subp.Training.Runs;

/// <summary>How good a network is on a data set.</summary>
/// <param name="Accuracy">The share of images classified correctly.</param>
/// <param name="Loss">The mean cross entropy.</param>
/// <param name="TopFive">The share of images whose class is among the five largest outputs.</param>
/// <param name="Images">How many images were read.</param>
public sealed record Evaluation(double Accuracy, double Loss, double TopFive, int Images)
{
    private const int MostRanks = 5;

    /// <summary>Evaluates the masked network of an engine on all images of a loader.</summary>
    public static Evaluation Of(ITrainingEngine engine, IBatchSource loader, CancellationToken cancellation = default) =>
        Of(engine, loader, new DataParallel(SingleProcess.Instance, engine.BatchCapacity), cancellation);

    /// <summary>Evaluates the network on all images of a loader, each process on its part of them.</summary>
    internal static Evaluation Of(ITrainingEngine engine, IBatchSource loader, DataParallel parallel, CancellationToken cancellation)
    {
        int classes = engine.Graph.ShapeOf(engine.Graph.Outputs[0]).Channels;
        bool probabilities = engine.Graph.FindNode(engine.Graph.Outputs[0])?.Operator is Core.Operators.Softmax;
        var images = new float[engine.BatchCapacity * loader.ImageLength];
        var labels = new int[engine.BatchCapacity];
        var outputs = new float[engine.BatchCapacity * classes];
        int correct = 0;
        int amongFive = 0;
        int seen = 0;
        double loss = 0;
        loader.StartPass();
        while (loader.Next(images, labels) is > 0 and var count)
        {
            cancellation.ThrowIfCancellationRequested();
            engine.Predict(images.AsSpan(0, count * loader.ImageLength), count, outputs.AsSpan(0, count * classes));
            for (int i = 0; i < count; i++)
            {
                var row = outputs.AsSpan(i * classes, classes);
                int rank = RankOf(row, labels[i]);
                correct += rank == 0 ? 1 : 0;
                amongFive += rank < MostRanks ? 1 : 0;
                loss += probabilities ? -Math.Log(Math.Max(1e-38, row[labels[i]])) : LogSum(row) - row[labels[i]];
            }

            seen += count;
        }

        Span<double> sums = [correct, loss, amongFive, seen];
        parallel.Sum(sums);
        double divisor = Math.Max(1, sums[3]);
        return new Evaluation(sums[0] / divisor, sums[1] / divisor, sums[2] / divisor, (int)sums[3]);
    }

    // Of equal outputs the one of the lower class comes first, as where a program takes the largest; what is not a
    // number comes last.
    private static int RankOf(ReadOnlySpan<float> row, int label)
    {
        if (float.IsNaN(row[label]))
            return row.Length + MostRanks;

        int rank = 0;
        for (int other = 0; other < row.Length; other++)
            rank += row[other] > row[label] || (row[other] == row[label] && other < label) ? 1 : 0;

        return rank;
    }

    private static double LogSum(ReadOnlySpan<float> row)
    {
        float largest = row[0];
        foreach (float value in row)
            largest = value > largest ? value : largest;

        double sum = 0;
        foreach (float value in row)
            sum += Math.Exp(value - largest);

        return largest + Math.Log(sum);
    }
}
