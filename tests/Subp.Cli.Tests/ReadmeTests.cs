using System.Text.RegularExpressions;

namespace Subp.Cli.Tests;

public sealed partial class ReadmeTests
{
    [Theory]
    [InlineData("README.md")]
    [InlineData("CHANGELOG.md")]
    [InlineData("ARCHITECTURE.md")]
    [InlineData("CONTRIBUTING.md")]
    [InlineData("SECURITY.md")]
    [InlineData("docs/cli.md")]
    public void Every_link_leads_to_a_file_that_exists(string page)
    {
        var path = Path.Combine(RepositoryRoot.Path, page);
        Assert.All(
            Link()
                .Matches(File.ReadAllText(path))
                .Select(match => match.Groups["target"].Value)
                .Where(target => !target.StartsWith("https://", StringComparison.Ordinal)),
            target => Assert.True(Path.Exists(Path.Combine(Path.GetDirectoryName(path)!, target)), target)
        );
    }

    [GeneratedRegex(@"\]\((?<target>[^)#]+)\)", RegexOptions.ExplicitCapture)]
    private static partial Regex Link();
}
