using Subp.Packages.Tests.Setup;
using Xunit;

namespace Subp.Publishing.Tests;

[Collection(PackagesGroup.Name)]
[Trait("speed", "slow")]
public sealed class SampleTests(PackedPackages packages)
{
    [Fact]
    public void The_console_classifier_gives_the_answer_of_its_README()
    {
        var sample = new ConsoleClassifier(packages, "console");
        sample.Publish();
        var answer = sample.Answer(selfContained: false);
        Assert.Contains(
            $"`{answer}`",
            File.ReadAllText(Path.Combine(PackedPackages.Repository, "generated-samples", "console-classifier", "README.md")),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void The_classifier_of_bytes_gives_the_answer_of_its_README()
    {
        var sample = ConsoleClassifier.OfBytes(packages, "bytes");
        sample.Publish();
        Assert.Contains(
            $"`{sample.Answer(selfContained: false)}`",
            File.ReadAllText(Path.Combine(PackedPackages.Repository, "generated-samples", "byte-classifier", "README.md")),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void The_commands_of_the_compiled_library_build_run_and_pack_it()
    {
        var folder = packages.NewFolder("samples");
        var source = Path.Combine(PackedPackages.Repository, "generated-samples", "compiled-library");
        foreach (
            var file in Directory
                .GetFiles(source, "*", SearchOption.AllDirectories)
                .Select(path => Path.GetRelativePath(source, path))
                .Where(IsSource)
        )
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, file))!);
            File.Copy(Path.Combine(source, file), Path.Combine(folder, file));
        }

        var commands = File.ReadAllLines(Path.Combine(folder, "README.md"))
            .Where(line => line.StartsWith("    ", StringComparison.Ordinal))
            .Select(line => line.Trim())
            .ToArray();
        Assert.Equal(3, commands.Length);
        var outputs = commands
            .Select(command =>
                Dotnet.RunProgram(
                    folder,
                    packages.Cache,
                    "sh",
                    "-euc",
                    command
                        .Replace(
                            "dotnet run -c Release --project ../../src/Subp.Cli --",
                            $"dotnet exec '{PackedPackages.Program}'",
                            StringComparison.Ordinal
                        )
                        .Replace(
                            "../models",
                            Path.Combine(PackedPackages.Repository, "generated-samples", "models"),
                            StringComparison.Ordinal
                        )
                        .Replace("../../data", Path.Combine(PackedPackages.Repository, "data"), StringComparison.Ordinal)
                )
            )
            .ToArray();

        Assert.Equal(
            ["AnkleBoot", "Pullover", "Trouser", "Trouser", "Shirt", "Trouser", "Coat", "Shirt", "Sandal", "Sneaker"],
            outputs[1].Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(10)
        );
        using var package = System.IO.Compression.ZipFile.OpenRead(
            Directory.GetFiles(Path.Combine(folder, "packages"), "*.nupkg").Single()
        );
        Assert.Equal(
            ["FashionClassifier.dll", "FashionResnet8.dll"],
            package
                .Entries.Where(entry => entry.FullName.StartsWith("lib/net10.0/", StringComparison.Ordinal))
                .Select(entry => entry.Name)
                .Order(StringComparer.Ordinal)
        );
    }

    // What a build leaves in the folder of the sample is not part of it.
    private static bool IsSource(string file) =>
        !file.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj" or "compiled" or "packages");
}
