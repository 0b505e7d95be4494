using Subp.Compiler;
using Subp.Tooling.Text;

namespace Subp.Tooling.Verification;

/// <summary>The table of the models of a folder.</summary>
internal static class FolderTable
{
    /// <summary>One row for each model, one column of errors for each instruction set and thread count.</summary>
    /// <param name="reports">The models.</param>
    /// <param name="sets">The instruction sets that were compared.</param>
    /// <param name="threads">The thread counts that were compared.</param>
    /// <param name="withSteps">Whether the networks are of bytes: four columns more, of differences in steps.</param>
    public static TextTable Of(
        IReadOnlyList<ModelReport> reports,
        IReadOnlyList<InstructionSet> sets,
        IReadOnlyList<int> threads,
        bool withSteps
    )
    {
        var sessions = sets.SelectMany(set => threads.Select(count => (set, count))).ToArray();
        var table = new TextTable([
            "model",
            ">nodes",
            ">params",
            ">kept",
            ">MACs",
            ">seconds",
            ">DLL",
            ">peak",
            ">import",
            .. sessions.Select(session => FormattableString.Invariant($">{session.set.ToString().ToLowerInvariant()} x{session.count}")),
            .. withSteps ? [">steps, same bytes", ">differing", ">steps, whole file", ">differing"] : Array.Empty<string>(),
            "verdict",
        ]);
        foreach (var report in reports)
            table.Add([
                report.Model,
                report.Nodes is { } nodes ? Figures.Count(nodes) : "",
                report.Parameters is { } parameters ? Figures.Short(parameters) : "",
                report.KeptShare is { } kept ? Figures.Percent(kept) : "",
                report.MacsShare is { } macs ? Figures.Percent(macs) : "",
                report.CompileSeconds is { } seconds ? Figures.Fixed(seconds, 1) : "",
                report.AssemblyBytes is { } bytes ? Figures.Bytes(bytes) : "",
                report.PeakBytes is { } peak ? Figures.Bytes(peak) : "",
                Error(report.ImportError),
                .. sessions.Select(session => Error(report.Error(session.set, session.count))),
                .. withSteps ? Steps(report) : [],
                report.Passed ? "ok" : $"FAILED {report.Failures[0].Descriptor.Id}",
            ]);
        return table;
    }

    private static string[] Steps(ModelReport report) =>
        report.Steps is { } steps
            ?
            [
                Figures.Count(steps.MostApart),
                Figures.Percent(steps.DifferingApart, 3),
                Figures.Count(steps.MostTogether),
                Figures.Percent(steps.DifferingTogether, 3),
            ]
            : ["", "", "", ""];

    private static string Error(double? error) => error is { } value ? Figures.Scientific(value) : "";
}
