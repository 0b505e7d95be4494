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
/// Looks for misspelt metadata of SubpModel items where they are written. MSBuild hands over values of names that the targets ask for, so only the
/// text of the project file tells of other names.
/// </summary>
internal static class ProjectFileReader
{
    private const string Metadata = "build_metadata.AdditionalFiles.SubpProject";

    private static readonly string[] s_options = ["Namespace", "ClassName", "Isa", "Threads", "Unroll", "Precise", "Weights", "WeightsFile"];

    /// <summary>What MSBuild itself and its common targets understand on any item.</summary>
    private static readonly HashSet<string> s_common = new(StringComparer.OrdinalIgnoreCase)
    {
        "Include", "Exclude", "Remove", "Update", "Condition", "Label", "KeepMetadata", "RemoveMetadata", "KeepDuplicates", "MatchOnMetadata",
        "MatchOnMetadataOptions", "Link", "LinkBase", "Visible", "DependentUpon", "CopyToOutputDirectory", "CopyToPublishDirectory", "Pack", "PackagePath",
    };

    /// <summary>The findings in a project file, or null where the file is something else.</summary>
    public static EquatableArray<Finding>? Read(AdditionalText file, AnalyzerConfigOptionsProvider options, CancellationToken cancellation) =>
        options.GetOptions(file).TryGetValue(Metadata, out var value) && string.Equals(value, "true", StringComparison.OrdinalIgnoreCase)
        && file.GetText(cancellation) is { } text
            ? new EquatableArray<Finding>(Find(file.Path, text))
            : null;

    private static IEnumerable<Finding> Find(string path, SourceText text)
    {
        XDocument document;
        try
        {
            document = XDocument.Parse(text.ToString(), LoadOptions.SetLineInfo);
        }
        catch (XmlException)
        {
            // A project of broken XML does not build; MSBuild says so itself.
            yield break;
        }

        foreach (var item in document.Descendants().Where(element => element.Name.LocalName == "SubpModel"))
        {
            var names = item.Attributes().Where(attribute => !attribute.IsNamespaceDeclaration).Select(attribute => (attribute.Name.LocalName, (IXmlLineInfo)attribute))
                .Concat(item.Elements().Select(element => (element.Name.LocalName, (IXmlLineInfo)element)));
            foreach (var (name, place) in names)
            {
                if (!s_common.Contains(name) && !s_options.Contains(name, StringComparer.OrdinalIgnoreCase))
                    yield return new Finding(DiagnosticDescriptors.UnknownModelMetadata.Id, new Diagnostic(DiagnosticDescriptors.UnknownModelMetadata, "",
                        name, "metadata of SubpModel", Spelling.Suggest(name, s_options)).Message, At(path, text, place, name.Length));
            }
        }
    }

    private static Place At(string path, SourceText text, IXmlLineInfo place, int length)
    {
        var line = new LinePosition(place.LineNumber - 1, place.LinePosition - 1);
        var start = text.Lines.GetPosition(line);
        return new Place(path, new TextSpan(start, length), new LinePositionSpan(line, new LinePosition(line.Line, line.Character + length)));
    }
}
