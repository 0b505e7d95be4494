namespace Subp.Roslyn.Tests.Kernels;

/// <summary>
/// Networks of other cases once more with thread counts that divide nothing evenly or outnumber the tasks of a layer: branches,
/// concatenations in place, sums written over their operands, Winograd tiles, drawn networks. Threads that meet too rarely give other bits
/// from run to run.
/// </summary>
internal static class ManyThreadsCases
{
    private static readonly string[] s_names =
    [
        "inception",
        "growing",
        "gates",
        "cut-and-padded",
        "over-the-residual",
        "winograd-blocks",
        "winograd-lengths",
        "stripes-images",
        "stripes-joined",
    ];

    /// <summary>The cases.</summary>
    public static IEnumerable<KernelCase> All() =>
        BranchCases
            .All()
            .Concat(WinogradCases.All())
            .Concat(StripeCases.All())
            .Where(drawn => s_names.Contains(drawn.Name))
            .Concat(Enumerable.Range(1, 3).Select(RandomCases.Case))
            .Select(drawn => drawn with { Name = drawn.Name + "-many-threads", ThreadCounts = [4, 7, 16] });
}
