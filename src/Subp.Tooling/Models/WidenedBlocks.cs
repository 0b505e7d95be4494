using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Sparsity;
using Subp.Tooling.Progress;
using Subp.Tooling.Text;

namespace Subp.Tooling.Models;

/// <summary>
/// What packing made of block patterns that no kernel is emitted for: wider blocks, of which fewer are pruned, or dense weights.
/// </summary>
/// <param name="Weights">The weights whose pattern changed, with the pattern before and after; null after where they became dense.</param>
/// <param name="StillPruned">True where some weight of the network has a pattern after all.</param>
internal sealed record WidenedBlocks(IReadOnlyList<(string Weight, BlockPattern Before, BlockPattern? After)> Weights, bool StillPruned)
{
    private const int MostNames = 6;

    /// <summary>Compares a network before packing with the same network after it.</summary>
    public static WidenedBlocks Between(Graph before, Graph after) =>
        new(
            [
                .. before
                    .Parameters.Where(parameter => parameter.Pattern is not null)
                    .Select(parameter => (parameter.Name, Before: parameter.Pattern!, After: after.FindParameter(parameter.Name)?.Pattern))
                    .Where(change => !change.Before.Equals(change.After)),
            ],
            after.Parameters.Any(parameter => parameter.Pattern is not null)
        );

    /// <summary>Says what became wider or dense, as a warning; nothing where all patterns stayed as they were.</summary>
    /// <param name="context">Where to.</param>
    /// <param name="source">The network, for the message.</param>
    /// <exception cref="SubpException">SUBP0552: nothing of the network stays pruned.</exception>
    public void Report(IWorkLog context, string source)
    {
        if (Weights.Count > 0 && !StillPruned)
            throw new SubpException(
                DiagnosticDescriptors.NothingStaysPruned,
                source,
                $"{Lengths(Weights.Select(change => change.Before))} blocks in {Names(Weights)}, of which wider ones leave nothing out",
                "blocks of a multiple of 4 output channels, or pruned channels that four neighbours share",
                "Choose --block-length 4, 8, 16 or 32, or a larger --sparsity."
            );
        ReportFound(context, source);
    }

    /// <summary>The same of blocks that the network came with: none may be left, and the network is as good as it was.</summary>
    public void ReportFound(IWorkLog context, string source)
    {
        foreach (var group in Weights.GroupBy(change => (change.Before.BlockLength, After: change.After?.BlockLength)))
            context.Report(
                new Diagnostic(
                    DiagnosticDescriptors.BlocksWidened,
                    source,
                    FormattableString.Invariant(
                        $"1x{group.Key.BlockLength} blocks in {Names(group)}, {Figures.Percent(Pruned(group, before: true))} pruned, "
                    )
                        + (
                            group.Key.After is { } length
                                ? FormattableString.Invariant($"made 1x{length}, {Figures.Percent(Pruned(group, before: false))} pruned")
                                : "made dense"
                        ),
                    "blocks of a multiple of 4 output channels",
                    "Kernels work on at least 4 output channels, and a wide block stays where any narrow one in it does: choose N of 4, "
                        + "8, 16 or 32."
                )
            );
    }

    private static string Lengths(IEnumerable<BlockPattern> patterns) =>
        string.Join(
            " and ",
            patterns.Select(pattern => pattern.BlockLength).Distinct().Order().Select(n => FormattableString.Invariant($"1x{n}"))
        );

    private static string Names(IEnumerable<(string Weight, BlockPattern Before, BlockPattern? After)> changes)
    {
        var names = changes.Select(change => change.Weight).ToArray();
        var more = names.Length > MostNames ? FormattableString.Invariant($" and {names.Length - MostNames} more") : "";
        return $"{string.Join(", ", names.Take(MostNames))}{more}";
    }

    // The share of the blocks of all these weights together.
    private static double Pruned(IEnumerable<(string Weight, BlockPattern Before, BlockPattern? After)> changes, bool before)
    {
        long all = 0,
            kept = 0;
        foreach (var pattern in changes.Select(change => before ? change.Before : change.After!))
        {
            all += (long)pattern.Groups * pattern.InputChannels;
            kept += pattern.KeptBlocks;
        }

        return 1 - ((double)kept / all);
    }
}
