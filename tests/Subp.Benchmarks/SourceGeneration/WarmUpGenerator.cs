using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Subp.Benchmarks.SourceGeneration;

/// <summary>
/// Takes the paths through Roslyn that any generator over additional files takes, so that only what is ours is timed as cold.
/// </summary>
internal sealed class WarmUpGenerator : IIncrementalGenerator
{
    private static readonly DiagnosticDescriptor s_rule = new(
        "WARM0001",
        "Title",
        "{0}",
        "Category",
        DiagnosticSeverity.Info,
        isEnabledByDefault: true
    );

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var items = context
            .AdditionalTextsProvider.Combine(context.AnalyzerConfigOptionsProvider)
            .Select(
                static (pair, cancellation) => pair.Right.GetOptions(pair.Left) is null ? null : pair.Left.GetText(cancellation)?.ToString()
            )
            .Where(static text => text is not null)
            .Select(static (text, _) => text!)
            .WithTrackingName("WarmUp");
        var project = context.CompilationProvider.Select(
            static (compilation, _) => compilation.GetTypeByMetadataName("System.Runtime.Intrinsics.X86.Avx512F")?.Name ?? ""
        );
        var all = items
            .Collect()
            .Combine(context.CompilationProvider)
            .Select(static (pair, _) => pair.Right.GetTypeByMetadataName("Program")?.Name ?? "");
        context.RegisterSourceOutput(
            items,
            static (production, _) =>
                production.ReportDiagnostic(Diagnostic.Create(s_rule, Location.Create("/app/resnet50.subp", default, default), "a message"))
        );
        context.RegisterSourceOutput(
            items.Combine(project).Combine(all),
            static (production, pair) =>
            {
                var line =
                    "namespace Warm { static class Up { static float F(float* a) { for (int i = 0; i < 3; i++) { a[i] = 1f; } return "
                    + "*(a + 4); } } } // "
                    + pair.Right;
                for (var file = 0; file < 60; file++)
                {
                    production.AddSource(
                        "File" + file,
                        SourceText.From(
                            new StringBuilder().Insert(0, line + "\n", 100).ToString(),
                            new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)
                        )
                    );
                }
            }
        );
    }
}
