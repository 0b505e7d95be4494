using Subp.Core.Diagnostics;

namespace Subp.Cli.Failures;

/// <summary>The exit codes and the one table that maps the band of a diagnostic to its code.</summary>
internal static class ExitCodes
{
    /// <summary>Everything was done.</summary>
    public const int Success = 0;

    /// <summary>The command line, or a path on it, cannot be used.</summary>
    public const int Usage = 1;

    /// <summary>A model, a recipe or a data set is not valid.</summary>
    public const int InvalidInput = 2;

    /// <summary>The network cannot be compiled.</summary>
    public const int CompileFailed = 3;

    /// <summary>The compiled network does not agree with the reference.</summary>
    public const int VerificationFailed = 4;

    /// <summary>A measured figure misses the threshold that was asked for.</summary>
    public const int ThresholdMissed = 5;

    /// <summary>Ctrl-C, as the shells have it: 128 + SIGINT.</summary>
    public const int Cancelled = 130;

    /// <summary>
    /// The first digits of a diagnostic's number, what they are about, and the exit code of an error among them; the longest match counts.
    /// </summary>
    public static IReadOnlyList<(string Band, string About, int Code)> Bands { get; } =
    [
        ("01", ".subp text", InvalidInput),
        ("02", "graph", InvalidInput),
        ("03", "weights", InvalidInput),
        ("04", "ONNX", InvalidInput),
        ("05", "data and training", InvalidInput),
        ("0520", "an engine that is not installed", Usage),
        ("0521", "an engine that does not load", Usage),
        ("0522", "a device that is not there", Usage),
        ("0526", "an engine that could not be installed", Usage),
        ("06", "compiling", CompileFailed),
        ("0612", "a file that is not a compiled model", InvalidInput),
        ("07", "verification", VerificationFailed),
        ("08", "files and command line", Usage),
        ("0809", "an input tensor", InvalidInput),
        ("09", "thresholds", ThresholdMissed),
        ("10", "source generator", CompileFailed),
    ];

    /// <summary>The exit code of a command that ends with this diagnostic.</summary>
    public static int Of(Diagnostic diagnostic)
    {
        var number = diagnostic.Descriptor.Id["SUBP".Length..];
        return Bands.Where(row => number.StartsWith(row.Band, StringComparison.Ordinal)).MaxBy(row => row.Band.Length).Code;
    }
}
