using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

namespace Subp.SourceGenerator.Tests.Driving;

/// <summary>A .subp file in memory with the metadata that the targets hand over.</summary>
internal sealed class ModelFile(string path, string? text, params (string Name, string Value)[] metadata) : AdditionalText
{
    /// <inheritdoc/>
    public override string Path => path;

    /// <summary>The metadata, without the prefix of the targets.</summary>
    public IReadOnlyList<(string Name, string Value)> Metadata => metadata;

    /// <summary>What the targets mark the file as: a model, or the project file.</summary>
    public string Role { get; init; } = "SubpModel";

    /// <inheritdoc/>
    public override SourceText? GetText(CancellationToken cancellationToken = default) => text is null ? null : SourceText.From(text);
}

/// <summary>Build properties and the metadata of model files, as the compiler reads them from the generated editor configuration.</summary>
internal sealed class BuildOptions(IEnumerable<ModelFile> files, params (string Name, string Value)[] properties)
    : AnalyzerConfigOptionsProvider
{
    private readonly Dictionary<string, AnalyzerConfigOptions> _files = files.ToDictionary(
        file => file.Path,
        file =>
            (AnalyzerConfigOptions)
                new Values([
                    new("build_metadata.AdditionalFiles." + file.Role, "true"),
                    .. file.Metadata.Select(entry => KeyValuePair.Create("build_metadata.AdditionalFiles.Subp" + entry.Name, entry.Value)),
                ])
    );

    /// <inheritdoc/>
    public override AnalyzerConfigOptions GlobalOptions { get; } =
        new Values(properties.Select(entry => KeyValuePair.Create("build_property." + entry.Name, entry.Value)));

    /// <inheritdoc/>
    public override AnalyzerConfigOptions GetOptions(SyntaxTree tree) => new Values([]);

    /// <inheritdoc/>
    public override AnalyzerConfigOptions GetOptions(AdditionalText textFile) =>
        _files.TryGetValue(textFile.Path, out var options) ? options : new Values([]);

    private sealed class Values(IEnumerable<KeyValuePair<string, string>> values) : AnalyzerConfigOptions
    {
        private readonly ImmutableDictionary<string, string> _values = values.ToImmutableDictionary(StringComparer.OrdinalIgnoreCase);

        public override bool TryGetValue(string key, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out string? value) =>
            _values.TryGetValue(key, out value);
    }
}
