using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Subp.SourceGenerator.Items;

/// <summary>A description of a processor, written by <c>subp calibrate</c>, that items of the project name.</summary>
/// <param name="Name">The file as the items name it.</param>
/// <param name="Text">Its text, or null where the compiler could not read it.</param>
internal sealed record MachineText(string Name, string? Text)
{
    private const string Prefix = "build_metadata.AdditionalFiles.";

    /// <summary>The description of an additional file, or null where it is something else.</summary>
    public static MachineText? Read(AdditionalText file, AnalyzerConfigOptionsProvider options, CancellationToken cancellation)
    {
        var metadata = options.GetOptions(file);
        return
            metadata.TryGetValue(Prefix + "SubpMachineFile", out var marked)
            && string.Equals(marked, "true", StringComparison.OrdinalIgnoreCase)
            && metadata.TryGetValue(Prefix + "SubpItem", out var name)
            ? new MachineText(name, file.GetText(cancellation)?.ToString())
            : null;
    }
}
