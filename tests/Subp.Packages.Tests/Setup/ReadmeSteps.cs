using System.Text.RegularExpressions;

namespace Subp.Packages.Tests.Setup;

/// <summary>The fenced blocks of a section of a page, in order.</summary>
internal static partial class ReadmeSteps
{
    /// <summary>Reads a section of a page: the language and the text of each block.</summary>
    public static IReadOnlyList<(string Language, string Text)> Read(string page, string heading)
    {
        var text = File.ReadAllText(Path.Combine(PackedPackages.Repository, page));
        var from = text.IndexOf("\n## " + heading + "\n", StringComparison.Ordinal) + 1;
        var to = text.IndexOf("\n## ", from, StringComparison.Ordinal);
        return
        [
            .. Block()
                .Matches(to < 0 ? text[from..] : text[from..to])
                .Select(match => (match.Groups["language"].Value, match.Groups["text"].Value)),
        ];
    }

    [GeneratedRegex(
        @"^```(?<language>\w*)\n(?<text>.*?)^```",
        RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture
    )]
    private static partial Regex Block();
}
