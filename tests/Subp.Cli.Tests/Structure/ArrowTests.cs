using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Subp.Cli.Tests.Structure;

/// <summary>
/// The arrows of ARCHITECTURE.md, read from project files and from the sources. An arrow that runs up is found here while turning it round
/// is still a small change.
/// </summary>
public sealed partial class ArrowTests
{
    private static readonly string s_src = Path.Combine(RepositoryRoot.Path, "src");

    [Theory]
    [InlineData("Subp.Core")]
    [InlineData("Subp.Compiler", "Subp.Core")]
    [InlineData("Subp.Onnx", "Subp.Core")]
    [InlineData("Subp.Training", "Subp.Core")]
    [InlineData("Subp.Compression", "Subp.Core")]
    [InlineData("Subp.Training.Images", "Subp.Training", "Subp.Core")]
    [InlineData("Subp.Training.TorchSharp", "Subp.Training", "Subp.Core")]
    [InlineData("Subp.Roslyn", "Subp.Compiler", "Subp.Core")]
    [InlineData("Subp.SourceGenerator")]
    [InlineData(
        "Subp.Tooling",
        "Subp.Roslyn",
        "Subp.Training",
        "Subp.Training.Images",
        "Subp.Compression",
        "Subp.Onnx",
        "Subp.Compiler",
        "Subp.Core"
    )]
    [InlineData("Subp.Cli", "Subp.Tooling")]
    public void A_project_references_only_projects_below_it(string project, params string[] below)
    {
        var references = XDocument
            .Load(Path.Combine(s_src, project, project + ".csproj"))
            .Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')));
        Assert.All(references, reference => Assert.Contains(reference, below));
    }

    [Fact]
    public void Every_project_of_src_has_its_arrows_tested()
    {
        var tested = typeof(ArrowTests)
            .GetMethod(nameof(A_project_references_only_projects_below_it))!
            .GetCustomAttributesData()
            .Where(attribute => attribute.AttributeType == typeof(InlineDataAttribute))
            .Select(attribute => (IReadOnlyList<System.Reflection.CustomAttributeTypedArgument>)attribute.ConstructorArguments[0].Value!)
            .Select(arguments => (string)arguments[0].Value!);
        Assert.Equal(Directory.GetDirectories(s_src).Select(Path.GetFileName).Order(), tested.Order());
    }

    [Theory]
    [InlineData("Subp.Compiler", "Packing", "Passes", "Planning", "Emission", "Families")]
    [InlineData("Subp.Compiler", "Passes", "Packing", "Planning", "Emission", "Families")]
    [InlineData("Subp.Compiler", "Planning", "Packing", "Passes", "Emission", "Families")]
    [InlineData("Subp.Compiler", "Emission", "Packing", "Passes", "Families")]
    [InlineData("Subp.Compiler", "Families", "Packing", "Passes")]
    [InlineData("Subp.Core", "Diagnostics", "Weights", "Interpretation", "Graphs", "Operators", "Text", "Storage")]
    [InlineData("Subp.Core", "Graphs", "Weights", "Interpretation", "Text", "Storage", "Inspection")]
    [InlineData("Subp.Core", "Operators", "Weights", "Interpretation", "Storage", "Inspection")]
    [InlineData("Subp.Core", "Sparsity", "Weights", "Interpretation", "Text", "Storage", "Inspection", "Operators")]
    [InlineData("Subp.Core", "Text", "Weights", "Interpretation", "Storage", "Inspection")]
    [InlineData("Subp.Core", "Storage", "Weights", "Interpretation", "Text", "Inspection")]
    [InlineData("Subp.Core", "Inspection", "Weights", "Interpretation", "Text", "Storage")]
    [InlineData("Subp.Core", "Weights", "Interpretation", "Inspection", "Operators", "Channels")]
    [InlineData("Subp.Core", "Channels", "Interpretation", "Inspection", "Text", "Storage")]
    [InlineData("Subp.Core", "Interpretation", "Channels")]
    [InlineData("Subp.Onnx", "Import", "Export")]
    [InlineData("Subp.Onnx", "Export", "Import")]
    [InlineData(
        "Subp.Compression",
        "Algebra",
        "Statistics",
        "Propagation",
        "Calibration",
        "Restoration",
        "Blocks",
        "Channels",
        "Precision"
    )]
    [InlineData("Subp.Compression", "Statistics", "Propagation", "Calibration", "Restoration", "Blocks", "Channels", "Precision")]
    [InlineData("Subp.Compression", "Propagation", "Calibration", "Restoration", "Blocks", "Channels", "Precision")]
    [InlineData("Subp.Compression", "Calibration", "Restoration", "Blocks", "Channels", "Precision")]
    [InlineData("Subp.Compression", "Restoration", "Calibration", "Blocks", "Channels", "Precision")]
    [InlineData("Subp.Compression", "Blocks", "Channels", "Precision")]
    [InlineData("Subp.Compression", "Channels", "Blocks", "Precision", "Joint")]
    [InlineData("Subp.Compression", "Precision", "Blocks", "Channels", "Joint")]
    [InlineData("Subp.Training", "Numerics", "Sparsification", "Pruning", "Recipes", "Data", "Models", "Engines", "Runs")]
    [InlineData("Subp.Training", "Channels", "Sparsification", "Pruning", "Recipes", "Data", "Models", "Engines", "Runs")]
    [InlineData("Subp.Training", "Sparsification", "Pruning", "Recipes", "Data", "Models", "Engines", "Runs")]
    [InlineData("Subp.Training", "Pruning", "Recipes", "Data", "Models", "Engines", "Runs")]
    [InlineData("Subp.Training", "Recipes", "Pruning", "Data", "Models", "Engines", "Runs")]
    [InlineData("Subp.Training", "Data", "Sparsification", "Pruning", "Recipes", "Models", "Engines", "Runs")]
    [InlineData("Subp.Training", "Models", "Sparsification", "Pruning", "Recipes", "Data", "Engines", "Runs")]
    [InlineData("Subp.Training", "Engines", "Pruning", "Recipes", "Data", "Models", "Runs")]
    public void A_folder_does_not_know(string project, string folder, params string[] others)
    {
        var files = Directory.GetFiles(Path.Combine(s_src, project, folder), "*.cs", SearchOption.AllDirectories);
        Assert.NotEmpty(files);
        var arrows =
            from file in files
            from Match mention in Mention().Matches(File.ReadAllText(file))
            where mention.Groups["project"].Value == project && others.Contains(mention.Groups["folder"].Value)
            select $"{Path.GetRelativePath(s_src, file)} names {mention.Value}";
        Assert.Empty(arrows);
    }

    // A using directive or a qualified name; both spell the namespace in full.
    [GeneratedRegex(@"\b(?<project>Subp\.[A-Z]\w+)\.(?<folder>[A-Z]\w+)\b", RegexOptions.ExplicitCapture)]
    private static partial Regex Mention();
}
