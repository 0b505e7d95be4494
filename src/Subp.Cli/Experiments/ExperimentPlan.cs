namespace Subp.Cli.Experiments;

/// <summary>Which runs an experiment has, in which order, and which of them are a shard's.</summary>
internal static class ExperimentPlan
{
    /// <summary>
    /// The first seed of every row before the second of any: a table that is not finished then says something about every row.
    /// </summary>
    public static IReadOnlyList<(ExperimentRow Row, ulong Seed)> Order(ExperimentTable table)
    {
        var most = table.Rows.Max(row => (row.Seeds ?? table.Seeds).Count);
        return
        [
            .. from index in Enumerable.Range(0, most)
            from row in table.Rows
            let seeds = row.Seeds ?? table.Seeds
            where index < seeds.Count
            select (row, seeds[index]),
        ];
    }

    /// <summary>Every <paramref name="count"/>-th run from <paramref name="index"/> on.</summary>
    public static IReadOnlyList<(ExperimentRow Row, ulong Seed)> Shard(
        IReadOnlyList<(ExperimentRow Row, ulong Seed)> runs,
        int index,
        int count
    ) => [.. runs.Where((_, at) => at % count == index)];

    /// <summary>The name of a run, which is that of its folder and of its result.</summary>
    public static string NameOf(ExperimentRow row, ulong seed) => FormattableString.Invariant($"{row.Name}-s{seed}");
}
