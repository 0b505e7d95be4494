using System.Xml;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;
using Subp.Core.Diagnostics;
using Subp.Core.Text;
using Subp.SourceGenerator.Reporting;
using Diagnostic = Subp.Core.Diagnostics.Diagnostic;

namespace Subp.SourceGenerator.Projects;

/// <summary>
/// Looks for SubpModel items where they are written, and for metadata of theirs that is misspelt. MSBuild hands over values of names that
/// the targets ask for, without lines, so only the text of the project file tells of other names and of places.
/// </summary>
internal static class ProjectFileReader
{
    private const string Metadata = "build_metadata.AdditionalFiles.SubpProject";

    private static readonly string[] s_options =
    [
        "Namespace",
        "ClassName",
        "Isa",
        "Threads",
        "Unroll",
        "Precise",
        "Machine",
        "Weights",
        "WeightsFile",
    ];

    /// <summary>What MSBuild itself and its common targets understand on any item.</summary>
    private static readonly HashSet<string> s_common = new(StringComparer.OrdinalIgnoreCase)
    {
        "Include",
        "Exclude",
        "Remove",
        "Update",
        "Condition",
        "Label",
        "KeepMetadata",
        "RemoveMetadata",
        "KeepDuplicates",
        "MatchOnMetadata",
        "MatchOnMetadataOptions",
        "Link",
        "LinkBase",
        "Visible",
        "DependentUpon",
        "CopyToOutputDirectory",
        "CopyToPublishDirectory",
        "Pack",
        "PackagePath",
    };

    private static readonly string[] s_properties = ["TargetFramework", "TargetFrameworks", "LangVersion", "AllowUnsafeBlocks"];

    /// <summary>What a project file tells, or null where the file is something else.</summary>
    public static ProjectText? Read(AdditionalText file, AnalyzerConfigOptionsProvider options, CancellationToken cancellation) =>
        options.GetOptions(file).TryGetValue(Metadata, out var value)
        && string.Equals(value, "true", StringComparison.OrdinalIgnoreCase)
        && file.GetText(cancellation) is { } text
            ? Read(file.Path, text)
            : null;

    private static ProjectText Read(string path, SourceText text)
    {
        try
        {
            var document = XDocument.Parse(text.ToString(), LoadOptions.SetLineInfo);
            var items = document.Descendants().Where(element => element.Name.LocalName == "SubpModel").ToArray();
            return new ProjectText(
                path,
                new EquatableArray<Finding>(Misspelt(path, text, items)),
                new EquatableArray<NamedPlace>(Files(path, text, items)),
                new EquatableArray<NamedPlace>(
                    document
                        .Descendants()
                        .Where(element => s_properties.Contains(element.Name.LocalName))
                        .Select(element => new NamedPlace(element.Name.LocalName, At(path, text, element, element.Name.LocalName.Length)))
                )
            );
        }
        catch (XmlException)
        {
            // A project of broken XML does not build; MSBuild says so itself.
            return ProjectText.None;
        }
    }

    private static IEnumerable<NamedPlace> Files(string path, SourceText text, XElement[] items) =>
        from item in items
        from file in ((string?)item.Attribute("Include") ?? "").Split(';')
        select new NamedPlace(ProjectText.Normal(file), At(path, text, item, item.Name.LocalName.Length));

    private static IEnumerable<Finding> Misspelt(string path, SourceText text, XElement[] items)
    {
        foreach (var item in items)
        {
            var names = item.Attributes()
                .Where(attribute => !attribute.IsNamespaceDeclaration)
                .Select(attribute => (attribute.Name.LocalName, (IXmlLineInfo)attribute))
                .Concat(item.Elements().Select(element => (element.Name.LocalName, (IXmlLineInfo)element)));
            foreach (var (name, place) in names)
            {
                if (!s_common.Contains(name) && !s_options.Contains(name, StringComparer.OrdinalIgnoreCase))
                    yield return new Finding(
                        DiagnosticDescriptors.UnknownModelMetadata.Id,
                        new Diagnostic(
                            DiagnosticDescriptors.UnknownModelMetadata,
                            "",
                            name,
                            "metadata of SubpModel",
                            Spelling.Suggest(name, s_options)
                        ).Message,
                        At(path, text, place, name.Length)
                    );
            }
        }
    }

    private static Place At(string path, SourceText text, IXmlLineInfo place, int length)
    {
        var line = new LinePosition(place.LineNumber - 1, place.LinePosition - 1);
        var start = text.Lines.GetPosition(line);
        return new Place(
            path,
            new TextSpan(start, length),
            new LinePositionSpan(line, new LinePosition(line.Line, line.Character + length))
        );
    }
}
