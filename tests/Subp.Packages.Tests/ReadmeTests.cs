using Subp.Packages.Tests.Setup;
using Xunit;

namespace Subp.Packages.Tests;

[Collection(PackagesGroup.Name)]
[Trait("speed", "slow")]
public sealed class ReadmeTests(PackedPackages packages)
{
    [Fact]
    public void The_steps_to_use_it_in_your_project_end_with_the_answer_that_they_promise()
    {
        var steps = ReadmeSteps.Read("README.md", "Use it in your project");
        Assert.Equal(["sh", "sh", "xml", "csharp", "sh", ""], steps.Select(step => step.Language));

        // The first block packs in a clone; here is what it leaves. The others are followed to the letter.
        var clone = packages.NewFolder("clone");
        Directory.CreateDirectory(Path.Combine(clone, "artifacts"));
        Directory.CreateSymbolicLink(Path.Combine(clone, "artifacts", "packages"), packages.Feed);
        Directory.CreateSymbolicLink(
            Path.Combine(clone, "generated-samples"),
            Path.Combine(PackedPackages.Repository, "generated-samples")
        );
        Directory.CreateSymbolicLink(Path.Combine(clone, "data"), Path.Combine(PackedPackages.Repository, "data"));
        var folder = packages.NewFolder("new-user");
        Shell(folder, $"export SUBP='{clone}'\n" + steps[1].Text);
        var project = Path.Combine(folder, "wardrobe");
        var file = Path.Combine(project, "wardrobe.csproj");
        File.WriteAllText(file, File.ReadAllText(file).Replace("</Project>", steps[2].Text + "</Project>", StringComparison.Ordinal));
        File.WriteAllText(Path.Combine(project, "Program.cs"), steps[3].Text);
        Assert.Equal(steps[5].Text, Shell(project, steps[4].Text));

        // The help links of diagnostics lead there.
        var pages = Dotnet.Run(project, packages.Cache, "msbuild", "-nologo", "-getProperty:SubpDiagnosticPages").Trim();
        Assert.True(File.Exists(Path.Combine(pages, "SUBP1001.md")), pages);
    }

    private string Shell(string folder, string script) => Dotnet.RunProgram(folder, packages.Cache, "sh", "-euc", script);
}
