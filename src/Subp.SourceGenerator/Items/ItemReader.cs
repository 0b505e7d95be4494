using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Subp.SourceGenerator.Items;

/// <summary>
/// Reads what build/Subp.SourceGenerator.targets hands over: additional files that are marked as models, with their metadata.
/// </summary>
internal static class ItemReader
{
    private const string MetadataPrefix = "build_metadata.AdditionalFiles.";
    private const string PropertyPrefix = "build_property.";

    /// <summary>The item of an additional file, or null where it is no model or generation is switched off.</summary>
    public static ModelItem? Read(AdditionalText file, AnalyzerConfigOptionsProvider options, CancellationToken cancellation)
    {
        var metadata = options.GetOptions(file);
        if (
            !IsTrue(Value(metadata, MetadataPrefix + "SubpModel"))
            || Value(options.GlobalOptions, PropertyPrefix + "SubpGenerateModels") is "false"
        )
            return null;
        string Of(string name) => Value(metadata, MetadataPrefix + "Subp" + name);
        var name = Of("Item");
        return new ModelItem(
            file.Path,
            file.GetText(cancellation)?.ToString(),
            new ItemSettings(
                name.Length > 0 ? name : FileName(file.Path),
                Value(options.GlobalOptions, PropertyPrefix + "MSBuildProjectFullPath"),
                Of("Namespace"),
                Of("RootNamespace"),
                Of("ClassName"),
                Of("WeightsName"),
                Of("Isa"),
                Of("Threads"),
                Of("Unroll"),
                Of("Precise"),
                Of("Machine"),
                Of("Weights"),
                Of("WeightsFile"),
                Of("WeightsFound").ToLowerInvariant(),
                Of("WeightsHash").ToLowerInvariant()
            )
        );
    }

    private static bool IsTrue(string value) => string.Equals(value, "true", StringComparison.OrdinalIgnoreCase);

    private static string Value(AnalyzerConfigOptions options, string key) => options.TryGetValue(key, out var value) ? value.Trim() : "";

    private static string FileName(string path) => path.Substring(path.LastIndexOfAny(['/', '\\']) + 1);
}
