using System.Text.RegularExpressions;

namespace Subp.Cli.Tests.Structure;

/// <summary>The pages for contributors name files and folders; both move.</summary>
public sealed partial class PageTests
{
    private static readonly string s_page = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "ARCHITECTURE.md"));

    [Fact]
    public void Every_folder_that_ARCHITECTURE_names_exists()
    {
        var named = from section in Sections() from folder in section.Folders select Path.Combine("src", section.Project, folder);
        Assert.NotEmpty(named);
        Assert.All(named, folder => Assert.True(Directory.Exists(Path.Combine(RepositoryRoot.Path, folder)), folder));
    }

    [Fact]
    public void ARCHITECTURE_names_every_folder_of_every_project()
    {
        var sections = Sections().ToDictionary(section => section.Project, section => section.Folders);
        foreach (var project in Directory.GetDirectories(Path.Combine(RepositoryRoot.Path, "src")))
        {
            var named = sections[Path.GetFileName(project)];
            // Where one folder inside a folder is named, its neighbours are as well.
            var opened = named.Where(folder => folder.Contains('/')).Select(folder => folder[..folder.IndexOf('/')]).Distinct();
            var folders = opened
                .Prepend("")
                .SelectMany(folder => Directory.GetDirectories(Path.Combine(project, folder)))
                // No code: the lists that the analyzer of public members compares with.
                .Where(folder => Path.GetFileName(folder) != "PublicAPI");
            Assert.All(
                folders.Select(folder => Path.GetRelativePath(project, folder).Replace('\\', '/')),
                folder => Assert.True(named.Contains(folder), $"ARCHITECTURE.md does not name {folder}/ of {Path.GetFileName(project)}.")
            );
        }
    }

    [Theory]
    [InlineData("CONTRIBUTING.md")]
    [InlineData("SECURITY.md")]
    public void Every_file_that_a_page_for_contributors_names_exists(string page)
    {
        var paths = PathInCode()
            .Matches(File.ReadAllText(Path.Combine(RepositoryRoot.Path, page)))
            .Select(match => match.Groups["path"].Value);
        Assert.NotEmpty(paths);
        Assert.All(paths, path => Assert.True(Path.Exists(Path.Combine(RepositoryRoot.Path, path)), path));
    }

    // "**src/Subp.Core** ..." to the next paragraph of the kind; a folder is a word that ends with a slash, in a table or in the text.
    private static IEnumerable<(string Project, IReadOnlyList<string> Folders)> Sections() =>
        Section()
            .Matches(s_page)
            .Select(match =>
                (
                    match.Groups["project"].Value,
                    (IReadOnlyList<string>)[.. Folder().Matches(match.Groups["text"].Value).Select(folder => folder.Groups["path"].Value)]
                )
            );

    [GeneratedRegex(@"^\*\*src/(?<project>Subp\.[\w.]+)\*\*(?<text>.*?)(?=^\*\*)", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Section();

    [GeneratedRegex(@"(?<=[`| ])(?<path>[A-Za-z]+(/[A-Z][A-Za-z]+)*)/(?=[`| ])")]
    private static partial Regex Folder();

    // `src/Subp.Core/Graphs/Graph.cs`, with or without a file at the end. A placeholder such as {name} or * makes it no path.
    [GeneratedRegex(@"`(?<path>(src|tests|docs|eng|generated-samples|data|\.ci|\.github)/[\w./-]+)`", RegexOptions.ExplicitCapture)]
    private static partial Regex PathInCode();
}
