using System.IO.Compression;
using System.Xml.Linq;
using Subp.Packages.Tests.Setup;
using Xunit;

namespace Subp.Packages.Tests;

[Collection(PackagesGroup.Name)]
[Trait("speed", "slow")]
public sealed class MetadataTests(PackedPackages packages)
{
    [Fact]
    public void Every_package_says_what_it_is()
    {
        string[] expected =
        [
            "Subp.Cli",
            "Subp.Compiler",
            "Subp.Compression",
            "Subp.Core",
            "Subp.Onnx",
            "Subp.Roslyn",
            "Subp.SourceGenerator",
            "Subp.Training",
            "Subp.Training.Images",
            "Subp.Training.TorchSharp",
        ];
        Assert.Equal(
            expected.Select(id => $"{id}.{PackedPackages.Version}.nupkg"),
            Directory.GetFiles(packages.Feed, "*.nupkg").Select(Path.GetFileName).Order(StringComparer.Ordinal)
        );
        foreach (var id in expected)
        {
            using var archive = Open(id, "nupkg");
            using var stream = archive.GetEntry(id + ".nuspec")!.Open();
            var values = XDocument.Load(stream).Descendants().ToLookup(element => element.Name.LocalName, element => element.Value);
            Assert.Equal(
                ("MIT", "icon.png", "README.md"),
                (values["license"].Single(), values["icon"].Single(), values["readme"].Single())
            );
            Assert.True(values["description"].Single().Length > 40, id);
            Assert.Contains("block-sparse", values["tags"].Single(), StringComparison.Ordinal);
            Assert.InRange(archive.GetEntry("icon.png")!.Length, 100, 4000);
            Assert.True(archive.GetEntry("README.md")!.Length > 200, id);
            Assert.DoesNotContain(archive.Entries, entry => entry.FullName.StartsWith("content", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Libraries_and_tool_have_symbol_packages_and_the_generator_carries_its_own()
    {
        Assert.Equal(
            [
                "Subp.Cli",
                "Subp.Compiler",
                "Subp.Compression",
                "Subp.Core",
                "Subp.Onnx",
                "Subp.Roslyn",
                "Subp.Training",
                "Subp.Training.Images",
                "Subp.Training.TorchSharp",
            ],
            Directory
                .GetFiles(packages.Feed, "*.snupkg")
                .Select(path => Path.GetFileName(path).Replace($".{PackedPackages.Version}.snupkg", "", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
        );
        using var archive = Open("Subp.Core", "snupkg");
        Assert.Contains(archive.Entries, entry => entry.FullName == "lib/net10.0/Subp.Core.pdb");
    }

    [Fact]
    public void The_generator_package_is_one_analyzer_with_its_targets_and_pages_and_nothing_to_reference()
    {
        using var archive = Open("Subp.SourceGenerator", "nupkg");
        var names = archive.Entries.Select(entry => entry.FullName).ToHashSet(StringComparer.Ordinal);
        Assert.Superset(
            new HashSet<string>(StringComparer.Ordinal)
            {
                "analyzers/dotnet/cs/Subp.SourceGenerator.dll",
                "build/Subp.SourceGenerator.props",
                "build/Subp.SourceGenerator.targets",
                "buildTransitive/Subp.SourceGenerator.props",
                "buildTransitive/Subp.SourceGenerator.targets",
                "docs/source-generator.md",
                "docs/diagnostics/SUBP1001.md",
            },
            names
        );
        Assert.DoesNotContain(
            names,
            name =>
                name.StartsWith("lib/", StringComparison.Ordinal)
                || (name.EndsWith(".dll", StringComparison.Ordinal) && !name.StartsWith("analyzers/", StringComparison.Ordinal))
        );
        using var stream = archive.GetEntry("Subp.SourceGenerator.nuspec")!.Open();
        var specification = XDocument.Load(stream);
        Assert.Equal("true", specification.Descendants().Single(element => element.Name.LocalName == "developmentDependency").Value);
        Assert.DoesNotContain(specification.Descendants(), element => element.Name.LocalName == "dependency");
    }

    private ZipArchive Open(string id, string extension) =>
        ZipFile.OpenRead(Path.Combine(packages.Feed, $"{id}.{PackedPackages.Version}.{extension}"));
}
