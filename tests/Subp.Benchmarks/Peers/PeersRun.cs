using Subp.Benchmarks.Peers.Contenders;
using Subp.Benchmarks.Peers.Reporting;
using Subp.Core.Diagnostics;

namespace Subp.Benchmarks.Peers;

/// <summary>What one run of the comparison was asked for.</summary>
/// <param name="Libraries">Where the other libraries are.</param>
/// <param name="Quick">Fewer rounds and processes: to see whether all works, not to report.</param>
/// <param name="RowFilter">A part of the names of the rows to measure, or null for all.</param>
/// <param name="Log">Hears what happens.</param>
/// <param name="Cancellation">Ends it early.</param>
internal sealed record PeersRun(PeerLibraries Libraries, bool Quick, string? RowFilter, TextWriter Log, CancellationToken Cancellation)
{
    /// <summary>The folder of the page and its pictures, or null for none.</summary>
    public string? ReportFolder { get; init; }

    /// <summary>True for a row that was asked for.</summary>
    public bool Wants(string row) => RowFilter is null || row.Contains(RowFilter, StringComparison.OrdinalIgnoreCase);

    /// <summary>Does something for each row that was asked for.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void ForEach<T>(IEnumerable<T> rows, Func<T, string> name, Action<T> measure)
    {
        foreach (var row in rows.Where(row => Wants(name(row))))
        {
            Cancellation.ThrowIfCancellationRequested();
            Log.WriteLine(name(row));
            measure(row);
        }
    }
}

/// <summary>A table of the page, which can be measured by itself.</summary>
internal interface IPeersTable
{
    /// <summary>What it is called on the command line.</summary>
    string Key { get; }

    /// <summary>The heading of its section.</summary>
    string Title { get; }

    /// <summary>The names of what it measures, for <see cref="PeersRun.Wants"/>.</summary>
    IReadOnlyList<string> Rows { get; }

    /// <summary>Measures it.</summary>
    /// <exception cref="SubpException">The product cannot do what the table asks of it.</exception>
    Section Measure(PeersRun run);
}
