namespace Subp.Compiler.Planning;

/// <summary>
/// Writes the static schedule: for each layer the task grid (groups x tiles) is cut into rectangles, one per thread, so that the slowest thread
/// is as fast as possible. In a uniform pattern all groups cost the same; a non-uniform one is cut by block count.
/// </summary>
public static class Scheduler
{
    /// <summary>The schedule of a plan's layers for a thread count.</summary>
    public static Schedule Build(IReadOnlyList<LayerPlan> layers, int threads) => new(
        threads,
        [.. layers.Select(layer => Split(layer, threads))],
        [.. layers.Select(_ => threads > 1)]);

    /// <summary>The cost of the slowest thread of a layer.</summary>
    public static double Makespan(LayerPlan layer, IReadOnlyList<WorkRange> work) =>
        work.Max(layer.Cost);

    private static IReadOnlyList<WorkRange> Split(LayerPlan layer, int threads)
    {
        IReadOnlyList<WorkRange>? best = null;
        var bestCost = double.MaxValue;
        // Cutting along tiles first: threads that share a group share its weights, and neighbouring layers then cut alike. A cut along
        // groups replaces it only where it is better balanced.
        for (var groupParts = 1; groupParts <= Math.Min(threads, layer.TaskGroups); groupParts++)
        {
            var work = Cut(layer, groupParts, threads / groupParts);
            // Three groups of one tile are three threads' work, whether there is a fourth or not.
            while (work.Count < threads)
                work.Add(WorkRange.Empty);
            var cost = Makespan(layer, work);
            if (cost < bestCost - 1e-9)
                (best, bestCost) = (work, cost);
        }

        return best!;
    }

    private static List<WorkRange> Cut(LayerPlan layer, int groupParts, int tileParts)
    {
        var work = new List<WorkRange>();
        var bounds = Balance(layer.GroupCosts, groupParts);
        for (var part = 0; part < groupParts; part++)
        {
            for (var tilePart = 0; tilePart < tileParts; tilePart++)
            {
                var tileFrom = (int)((long)layer.TaskTiles * tilePart / tileParts);
                var tileTo = (int)((long)layer.TaskTiles * (tilePart + 1) / tileParts);
                work.Add(tileTo > tileFrom && bounds[part + 1] > bounds[part]
                    ? new WorkRange(bounds[part], bounds[part + 1], tileFrom, tileTo)
                    : WorkRange.Empty);
            }
        }

        return work;
    }

    /// <summary>Cuts consecutive groups into parts whose largest cost is the smallest possible: bisection on that cost, then a greedy cut.</summary>
    private static int[] Balance(IReadOnlyList<double> costs, int parts)
    {
        double low = costs.Max(), high = costs.Sum();
        for (var step = 0; step < 50; step++)
        {
            var middle = (low + high) / 2;
            if (GreedyCut(costs, parts, middle) is null)
                low = middle;
            else
                high = middle;
        }

        return GreedyCut(costs, parts, high) ?? GreedyCut(costs, parts, costs.Sum())!;
    }

    private static int[]? GreedyCut(IReadOnlyList<double> costs, int parts, double limit)
    {
        var bounds = new int[parts + 1];
        var group = 0;
        for (var part = 0; part < parts; part++)
        {
            double sum = 0;
            // Leave at least one group to each later part, so that no thread idles while another has two.
            while (group < costs.Count && sum + costs[group] <= limit + 1e-9 && (part == parts - 1 || costs.Count - group > parts - 1 - part))
                sum += costs[group++];
            bounds[part + 1] = group;
        }

        return group == costs.Count ? bounds : null;
    }
}
