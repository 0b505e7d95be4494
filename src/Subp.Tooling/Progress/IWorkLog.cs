using Subp.Core.Diagnostics;

namespace Subp.Tooling.Progress;

/// <summary>Hears of work that takes a while and ends it early: all that work knows of whoever asked for it.</summary>
internal interface IWorkLog
{
    /// <summary>Set when the work is no longer wanted.</summary>
    CancellationToken Cancellation { get; }

    /// <summary>Says in a line what happens.</summary>
    void Log(string line);

    /// <summary>Says in a line what a step decided.</summary>
    void Detail(string line);

    /// <summary>Says what is wrong, or might be.</summary>
    void Report(Diagnostic diagnostic);

    /// <summary>Does work that says how far it is, under a title.</summary>
    void WithProgress(string title, Action<ProgressReport> work);
}
