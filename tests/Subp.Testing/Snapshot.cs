using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using DiffPlex.Renderer;
using Subp.Core.Graphs;
using Xunit;

namespace Subp.Testing;

/// <summary>
/// Compares text with a committed file, following the conventions of Verify: <c>_snapshots/Class.Name.verified.ext</c> beside the test is
/// what was approved, <c>.received.</c> is what came out instead. To approve a change, read the difference and rename received to verified;
/// <c>eng/renew-snapshots</c> does so for all that changed, and leaves reading them to the review of the commit.
/// </summary>
public static partial class Snapshot
{
    private const int MostLines = 200;

    /// <summary>Requires some text to be the approved one. Line ends and the version of the tool are not compared.</summary>
    /// <param name="text">The text.</param>
    /// <param name="name">The name of the snapshot, unique within the test class.</param>
    /// <param name="extension">The extension of the file, without the dot.</param>
    /// <param name="callerFile">The test's source file, given by the compiler.</param>
    public static void Verify(string text, string name, string extension = "txt", [CallerFilePath] string callerFile = "")
    {
        var stem = Path.Combine(Path.GetDirectoryName(callerFile)!, "_snapshots", $"{Path.GetFileNameWithoutExtension(callerFile)}.{name}");
        var (verified, received) = ($"{stem}.verified.{extension}", $"{stem}.received.{extension}");
        var actual = Scrub(text);
        var expected = File.Exists(verified) ? File.ReadAllText(verified).Replace("\r\n", "\n") : null;
        if (actual == expected)
        {
            File.Delete(received);
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(stem)!);
        File.WriteAllText(received, actual);
        Assert.Fail(
            expected is null
                ? $"There is no {verified}. Read the .received file and rename it."
                : "The text is not the approved one. Where the change is right, run eng/renew-snapshots.\n"
                    + Shorten(UnidiffRenderer.GenerateUnidiff(expected, actual, verified, received))
        );
    }

    private static string Scrub(string text) =>
        ToolVersion().Replace(text.Replace("\r\n", "\n"), match => match.Value == Version ? "{version}" : match.Value);

    private static string Version { get; } = typeof(Graph).Assembly.GetName().Version!.ToString(3);

    // Whole version numbers only: 0.1.0 inside 10.1.0 or 0.1.0.2 is another number.
    [GeneratedRegex(@"(?<![\d.])\d+\.\d+\.\d+(?![\d.]*\d)")]
    private static partial Regex ToolVersion();

    // The whole difference is between the two files; a message of thousands of lines would hide the other failures.
    private static string Shorten(string difference)
    {
        var lines = difference.ReplaceLineEndings("\n").Split('\n');
        return lines.Length <= MostLines
            ? string.Join('\n', lines)
            : string.Join('\n', lines.Take(MostLines)) + $"\n... and {lines.Length - MostLines} more lines";
    }
}
