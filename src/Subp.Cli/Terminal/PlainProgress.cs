using System.Diagnostics;
using Subp.Tooling.Progress;
using Subp.Tooling.Text;

namespace Subp.Cli.Terminal;

/// <summary>
/// Progress for files, pipes and build logs: whole lines, no escape sequences, no carriage returns, one line every few seconds at most.
/// </summary>
internal sealed class PlainProgress(TextWriter error, string title)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private readonly long _start = Stopwatch.GetTimestamp();
    private TimeSpan _written;
    private string _last = "";

    /// <summary>Runs <paramref name="work"/> and writes its progress, the last state always.</summary>
    public void Run(Action<ProgressReport> work)
    {
        error.WriteLine(title);
        work(Report);
        if (_last.Length > 0)
            error.WriteLine($"  {title}: done in {Figures.Duration(Stopwatch.GetElapsedTime(_start))}  {_last}");
    }

    private void Report(double fraction, string status)
    {
        _last = status;
        var elapsed = Stopwatch.GetElapsedTime(_start);
        if (elapsed - _written < Interval)
            return;
        _written = elapsed;
        var left = fraction > 0 ? Figures.Duration(elapsed * ((1 - fraction) / fraction)) : "?";
        error.WriteLine($"  {title}: {Figures.Percent(fraction, 0)}  {status}  {left} left");
    }
}
