using Subp.Core.Diagnostics;

namespace Subp.Tooling.Failures;

/// <summary>Turns whatever ended a command into the diagnostic that a user reads.</summary>
internal static class FailureReport
{
    /// <summary>The diagnostic of an exception; <see cref="OperationCanceledException"/> is not one of them.</summary>
    public static Diagnostic Of(Exception exception) =>
        exception switch
        {
            SubpException known => known.Diagnostic,
            FileNotFoundException { FileName: { Length: > 0 } file } => NotFound(file),
            IOException or UnauthorizedAccessException => new Diagnostic(
                DiagnosticDescriptors.FileAccess,
                "",
                Sentence(exception.Message),
                Action: "Check the path, the permissions and the free space."
            ),
            _ => new Diagnostic(
                DiagnosticDescriptors.InternalError,
                "",
                $"{exception.GetType().Name}: {Sentence(exception.Message)}",
                Action: "This is a defect of the tool: please file an issue with this line and the output of the same command under "
                    + "--verbosity diagnostic."
            ),
        };

    /// <summary>The diagnostic of a path that leads nowhere.</summary>
    public static Diagnostic NotFound(string path) =>
        new(
            DiagnosticDescriptors.InputNotFound,
            path,
            "no such file or folder",
            "an existing one",
            "Check the path; relative paths start at the current folder."
        );

    /// <summary>The diagnostic of a path that leads to no file, but perhaps to a folder.</summary>
    public static Diagnostic NoFile(string path) =>
        Directory.Exists(path)
            ? new Diagnostic(DiagnosticDescriptors.InputKind, path, "a folder", "a file", "Name the file itself.")
            : NotFound(path);

    // A diagnostic is one line, and ends with its own full stop.
    private static string Sentence(string message) => message.ReplaceLineEndings(" ").Trim().TrimEnd('.');
}
