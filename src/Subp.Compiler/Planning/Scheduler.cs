using Subp.Compiler.Planning.Scheduling;

namespace Subp.Compiler.Planning;

/// <summary>
/// Writes the static schedule: for each layer the task grid (groups x tiles) is cut among the threads so that the slowest is as fast as
/// possible. In a uniform pattern all groups cost the same; a non-uniform one is cut by block count.
/// </summary>
public static class Scheduler
{
    /// <summary>
    /// A cut that is less regular must be faster by this share: it costs a barrier or two where stripes of rows cost none.
    /// </summary>
    private const double WorthIrregularity = 0.005;

    /// <summary>The schedule of a plan's layers for a thread count.</summary>
    public static Schedule Build(IReadOnlyList<LayerPlan> layers, int threads)
    {
        IReadOnlyList<IReadOnlyList<WorkRange>>[] work = [.. layers.Select(layer => Split(layer, threads))];
        return new Schedule(threads, work, BarrierPlanner.Plan(layers, work));
    }

    /// <summary>The cost of the slowest thread of a layer.</summary>
    public static double Makespan(LayerPlan layer, IReadOnlyList<IReadOnlyList<WorkRange>> work) => work.Max(ranges => Cost(layer, ranges));

    /// <summary>The cost of one thread's rectangles of a layer.</summary>
    public static double Cost(LayerPlan layer, IReadOnlyList<WorkRange> ranges) => ranges.Sum(layer.Cost);

    private static IReadOnlyList<IReadOnlyList<WorkRange>> Split(LayerPlan layer, int threads)
    {
        // What cannot be divided is done by the caller's thread, which does not have to wake up first.
        if (threads == 1 || layer.TaskGroups * layer.TaskTiles == 1)
            return
            [
                .. Enumerable
                    .Range(0, threads)
                    .Select(thread => thread == 0 ? new[] { new WorkRange(0, layer.TaskGroups, 0, layer.TaskTiles) } : []),
            ];
        IReadOnlyList<IReadOnlyList<WorkRange>>? best = null;
        var bestCost = double.MaxValue;
        foreach (var work in Cuts(layer, threads))
        {
            var cost = Makespan(layer, work);
            if (best is null || cost < bestCost * (1 - WorthIrregularity))
                (best, bestCost) = (work, cost);
        }

        return best!;
    }

    /// <summary>
    /// The cuts that are tried, the most regular first. Stripes of tiles let neighbouring layers cut alike, so that each thread finds most
    /// of its input in its own cache; where the weights outweigh the input, stripes of groups let each thread read its own weights only.
    /// </summary>
    private static IEnumerable<IReadOnlyList<IReadOnlyList<WorkRange>>> Cuts(LayerPlan layer, int threads)
    {
        var byGroups = layer.OfFamily.WeightsOutweighInput;
        var first = new TaskLine(layer, byGroups);
        var second = new TaskLine(layer, !byGroups);
        yield return first.Cut(threads, whole: true);
        yield return first.Cut(threads, whole: false);
        yield return second.Cut(threads, whole: true);
        for (var groupParts = 2; groupParts <= Math.Min(threads / 2, layer.TaskGroups); groupParts++)
            yield return Rectangles(layer, groupParts, threads);
        yield return second.Cut(threads, whole: false);
    }

    private static List<IReadOnlyList<WorkRange>> Rectangles(LayerPlan layer, int groupParts, int threads)
    {
        var work = new List<IReadOnlyList<WorkRange>>();
        var tileParts = threads / groupParts;
        var tiles = new TaskLine(layer, groupsOutside: false).Cut(tileParts, whole: true);
        foreach (var groups in new TaskLine(layer, groupsOutside: true).Cut(groupParts, whole: true))
        {
            foreach (var stripe in tiles)
                work.Add(
                    groups.Count == 0 || stripe.Count == 0
                        ? []
                        : [groups[0] with { TileFrom = stripe[0].TileFrom, TileTo = stripe[0].TileTo }]
                );
        }

        // Three groups of one tile are three threads' work, whether there is a fourth or not.
        while (work.Count < threads)
            work.Add([]);
        return work;
    }
}
