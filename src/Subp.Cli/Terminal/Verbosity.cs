namespace Subp.Cli.Terminal;

/// <summary>How much is written to standard error; the names are those of the dotnet command.</summary>
internal enum Verbosity
{
    /// <summary>Errors only.</summary>
    Quiet,

    /// <summary>Errors and warnings.</summary>
    Minimal,

    /// <summary>What happens, step by step, and progress.</summary>
    Normal,

    /// <summary>Also what each step decided.</summary>
    Detailed,

    /// <summary>Also stack traces.</summary>
    Diagnostic,
}
