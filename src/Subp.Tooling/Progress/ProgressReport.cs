namespace Subp.Tooling.Progress;

/// <summary>Says how far a piece of work is.</summary>
/// <param name="fraction">The part that is done, 0 to 1.</param>
/// <param name="status">Figures of the moment, for example loss and accuracy; short enough for the end of a line.</param>
internal delegate void ProgressReport(double fraction, string status);
