namespace Subp.Core.Diagnostics;

/// <summary>How much a diagnostic matters.</summary>
public enum DiagnosticSeverity
{
    /// <summary>Speed was lost or a choice was made that the user may want to know; the output is complete.</summary>
    Info,

    /// <summary>Part of the input was ignored; the output is complete.</summary>
    Warning,

    /// <summary>There is no output.</summary>
    Error,
}
