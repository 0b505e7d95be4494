using Subp.Tooling.Text;

namespace Subp.Cli.Quickstart;

/// <summary>The figures a quickstart ends with, dense beside sparse.</summary>
internal static class QuickstartTable
{
    /// <summary>The rows: what, dense, sparse, the comparison.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Rows(QuickstartResult result)
    {
        var (dense, sparse) = (result.Dense, result.Sparse);
        return
        [
            [
                "test accuracy",
                Figures.Percent(dense.TestAccuracy, 2),
                Figures.Percent(sparse.TestAccuracy, 2),
                Figures.Points(sparse.TestAccuracy - dense.TestAccuracy),
            ],
            [
                "kept weights",
                Figures.Count(dense.KeptWeights),
                Figures.Count(sparse.KeptWeights),
                Figures.Percent((double)sparse.KeptWeights / dense.KeptWeights),
            ],
            [
                "MACs per image",
                Figures.Short(dense.KeptMacs),
                Figures.Short(sparse.KeptMacs),
                Figures.Percent((double)sparse.KeptMacs / dense.KeptMacs),
            ],
            [
                "DLL size",
                Figures.Bytes(dense.AssemblyBytes),
                Figures.Bytes(sparse.AssemblyBytes),
                Figures.Percent((double)sparse.AssemblyBytes / dense.AssemblyBytes),
            ],
            .. result.ThreadCounts.Select(threads =>
                (IReadOnlyList<string>)
                    [
                        $"us per image, {threads} {(threads == 1 ? "thread" : "threads")}",
                        Time(dense, threads),
                        Time(sparse, threads),
                        $"{Figures.Fixed(result.Speedup(threads), 2)}x as fast",
                    ]
            ),
        ];
    }

    /// <summary>Writes the table.</summary>
    public static void Write(TextWriter output, QuickstartResult result)
    {
        var table = new TextTable("", ">dense", ">sparse", ">sparse against dense");
        foreach (var row in Rows(result))
            table.Add(row);
        table.Write(output);
    }

    private static string Time(NetworkResult network, int threads)
    {
        var time = network.Time(threads).Microseconds;
        return $"{Figures.Microseconds(time.Median)} +- {Figures.Percent(time.Spread, 0)}";
    }
}
