using Subp.Packages.Tests.Setup;
using Xunit;

namespace Subp.Publishing.Tests;

/// <summary>
/// The sample console-classifier, or one like it, in a folder of its own, outside the repository, with the packed packages.
/// </summary>
internal sealed class ConsoleClassifier
{
    private readonly PackedPackages _packages;
    private readonly string _folder;
    private readonly string _sample;

    public ConsoleClassifier(PackedPackages packages, string name, string framework = "net10.0", params string[] properties)
        : this(packages, "console-classifier", name, framework, properties) { }

    private ConsoleClassifier(PackedPackages packages, string sampleName, string name, string framework, string[] properties)
    {
        (_packages, _sample) = (packages, sampleName);
        _folder = packages.NewFolder(name);
        var sample = Path.Combine(PackedPackages.Repository, "generated-samples", _sample);
        File.Copy(Path.Combine(sample, "Program.cs"), Path.Combine(_folder, "Program.cs"));
        var project = File.ReadAllText(Path.Combine(sample, _sample + ".csproj"))
            .Replace(
                "<TargetFramework>net10.0</TargetFramework>",
                $"<TargetFramework>{framework}</TargetFramework>\n"
                    + "<TreatWarningsAsErrors>true</TreatWarningsAsErrors>\n"
                    + string.Concat(properties),
                StringComparison.Ordinal
            )
            .Replace("../models", Path.Combine(PackedPackages.Repository, "generated-samples", "models"), StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(_folder, _sample + ".csproj"), project);
    }

    /// <summary>The sample whose network takes pixels as bytes.</summary>
    public static ConsoleClassifier OfBytes(PackedPackages packages, string name) => new(packages, "byte-classifier", name, "net10.0", []);

    /// <summary>Where the program is after publishing.</summary>
    public string Output => Path.Combine(_folder, "out");

    /// <summary>Publishes with warnings as errors and returns what was printed.</summary>
    public string Publish(params string[] arguments)
    {
        var text = Dotnet.Run(
            _folder,
            _packages.Cache,
            ["publish", "-c", "Release", "--nologo", "-v", "quiet", "-o", Output, .. arguments]
        );
        Assert.DoesNotContain("warning", text, StringComparison.OrdinalIgnoreCase);
        return text;
    }

    /// <summary>Classifies the bundled test images: the line at the end, without the instruction set.</summary>
    public string Answer(bool selfContained)
    {
        string images = Path.Combine(PackedPackages.Repository, "data", "fashion-mnist");
        var text = selfContained
            ? Dotnet.RunProgram(_folder, _packages.Cache, Path.Combine(Output, _sample), images)
            : Dotnet.Run(_folder, _packages.Cache, "exec", Path.Combine(Output, _sample + ".dll"), images);
        var line = text.TrimEnd().Split('\n')[^1];
        return line[..line.LastIndexOf(',')];
    }
}
