using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;
using Microsoft.CodeAnalysis.Text;
using Subp.Compiler.Emission;
using Subp.Core.Diagnostics;

namespace Subp.Roslyn;

/// <summary>
/// Compiles emitted C# and weights into one assembly. The same sources, weights and names give the same bytes in every run, culture and
/// folder: nothing of the machine goes in but, in the symbols, the version of the runtime that ran the C# compiler.
/// </summary>
public static class ModelAssemblyCompiler
{
    /// <summary>The key of the assembly metadata that names the model class.</summary>
    internal const string ModelClassKey = "SubpModelClass";

    private const int ShownErrors = 5;

    private static readonly CSharpParseOptions s_parseOptions = CSharpParseOptions
        .Default.WithLanguageVersion(LanguageVersion.CSharp12)
        .WithDocumentationMode(DocumentationMode.Diagnose);

    /// <summary>The options that assemblies are compiled with.</summary>
    internal static readonly CSharpCompilationOptions CompilationOptions = new(
        OutputKind.DynamicallyLinkedLibrary,
        optimizationLevel: OptimizationLevel.Release,
        allowUnsafe: true,
        deterministic: true,
        concurrentBuild: true,
        nullableContextOptions: NullableContextOptions.Annotations,
        // Warnings are not for the user of a model; the tests of emission ask for all of them.
        reportSuppressedDiagnostics: false
    );

    /// <summary>Compiles a model.</summary>
    /// <param name="sources">The emitted files; their names are the file names in the symbols.</param>
    /// <param name="weights">The .safetensors file that is embedded; null where the model reads it from a file beside the program.</param>
    /// <param name="assemblyName">The name of the assembly.</param>
    /// <param name="resourceName">The name under which the emitted code looks for the weights:
    /// <c>{Namespace}.{Class}.safetensors</c>.</param>
    /// <param name="cancellation">Ends the compilation early.</param>
    /// <exception cref="SubpException">The sources do not compile.</exception>
    /// <exception cref="OperationCanceledException">The compilation was cancelled.</exception>
    public static CompiledAssembly Compile(
        IReadOnlyList<EmittedFile> sources,
        byte[]? weights,
        string assemblyName,
        string resourceName,
        CancellationToken cancellation = default
    )
    {
        using var assembly = new MemoryStream();
        var symbols = Compile(
            assembly,
            sources,
            weights is null ? null : () => new MemoryStream(weights, writable: false),
            assemblyName,
            resourceName,
            cancellation
        );
        return new CompiledAssembly(assembly.ToArray(), symbols.Pdb, symbols.XmlDocumentation);
    }

    /// <summary>Compiles a model into a stream; the weights, which may be large, are in memory once while it is written.</summary>
    /// <param name="assembly">Receives the assembly; an empty stream to read, to write and to seek in, such as that of a new file.</param>
    /// <param name="sources">The emitted files; their names are the file names in the symbols.</param>
    /// <param name="weights">Opens the .safetensors file that is embedded; null where the model reads it from a file beside the
    /// program.</param>
    /// <param name="assemblyName">The name of the assembly.</param>
    /// <param name="resourceName">The name under which the emitted code looks for the weights:
    /// <c>{Namespace}.{Class}.safetensors</c>.</param>
    /// <param name="cancellation">Ends the compilation early.</param>
    /// <exception cref="SubpException">The sources do not compile.</exception>
    /// <exception cref="OperationCanceledException">The compilation was cancelled.</exception>
    public static CompiledSymbols Compile(
        Stream assembly,
        IReadOnlyList<EmittedFile> sources,
        Func<Stream>? weights,
        string assemblyName,
        string resourceName,
        CancellationToken cancellation = default
    )
    {
        var compilation = CreateCompilation(sources, assemblyName, resourceName, cancellation);
        using var pdb = new MemoryStream();
        using var documentation = new MemoryStream();
        var weightsLength = 0;
        Stream Open()
        {
            var inner = weights!();
            weightsLength = checked((int)inner.Length);
            return new StreamWithSlack(inner, WeightAlignment.Slack);
        }

        var result = compilation.Emit(
            assembly,
            pdb,
            documentation,
            manifestResources: weights is null ? [] : [new ResourceDescription(resourceName, Open, isPublic: true)],
            options: new EmitOptions(debugInformationFormat: DebugInformationFormat.PortablePdb, pdbFilePath: assemblyName + ".pdb"),
            embeddedTexts: [.. compilation.SyntaxTrees.Select(tree => EmbeddedText.FromSource(tree.FilePath, tree.GetText(cancellation)))],
            cancellationToken: cancellation
        );
        if (!result.Success)
            throw Failure(result.Diagnostics);
        if (weights is not null)
            WeightAlignment.Align(assembly, weightsLength);
        return new CompiledSymbols(pdb.ToArray(), documentation.ToArray());
    }

    /// <summary>Everything the C# compiler has to say about the emitted files, warnings included.</summary>
    internal static IReadOnlyList<string> Warnings(IReadOnlyList<EmittedFile> sources, string assemblyName, string resourceName) =>
        [
            .. CreateCompilation(sources, assemblyName, resourceName, CancellationToken.None)
                .GetDiagnostics()
                .Where(diagnostic => diagnostic.Severity != Microsoft.CodeAnalysis.DiagnosticSeverity.Hidden)
                .Select(Text),
        ];

    private static CSharpCompilation CreateCompilation(
        IReadOnlyList<EmittedFile> sources,
        string assemblyName,
        string resourceName,
        CancellationToken cancellation
    )
    {
        var files = sources.Append(AssemblyAttributes(assemblyName, resourceName)).ToArray();
        var trees = new SyntaxTree[files.Length];
        Parallel.For(
            0,
            files.Length,
            new ParallelOptions { CancellationToken = cancellation },
            index =>
                trees[index] = CSharpSyntaxTree.ParseText(
                    SourceText.From(files[index].Text, new UTF8Encoding(false), SourceHashAlgorithm.Sha256),
                    s_parseOptions,
                    files[index].Name,
                    cancellation
                )
        );
        return CSharpCompilation.Create(assemblyName, trees, ReferenceAssemblies.All, CompilationOptions);
    }

    /// <summary>The attributes of an assembly, by which <see cref="LoadedModel"/> finds the class.</summary>
    internal static EmittedFile AssemblyAttributes(string assemblyName, string resourceName)
    {
        const string Extension = ".safetensors";
        var modelClass = resourceName.EndsWith(Extension, StringComparison.Ordinal) ? resourceName[..^Extension.Length] : resourceName;
        return new EmittedFile(
            "AssemblyAttributes.cs",
            $"""
            // <auto-generated/>
            [assembly: System.Reflection.AssemblyTitle({SymbolDisplay.FormatLiteral(assemblyName, quote: true)})]
            [assembly: System.Reflection.AssemblyVersion("1.0.0.0")]
            [assembly: System.Reflection.AssemblyMetadata("IsTrimmable", "True")]
            [assembly: System.Reflection.AssemblyMetadata("{ModelClassKey}", {SymbolDisplay.FormatLiteral(modelClass, quote: true)})]
            [assembly: System.Runtime.Versioning.TargetFramework(".NETCoreApp,Version=v10.0", FrameworkDisplayName = ".NET 10.0")]

            """.ReplaceLineEndings("\n")
        );
    }

    private static SubpException Failure(IEnumerable<Microsoft.CodeAnalysis.Diagnostic> diagnostics)
    {
        var errors = diagnostics
            .Where(diagnostic => diagnostic.Severity == Microsoft.CodeAnalysis.DiagnosticSeverity.Error)
            .Select(Text)
            .ToArray();
        var shown =
            string.Join("; ", errors.Take(ShownErrors)) + (errors.Length > ShownErrors ? $"; and {errors.Length - ShownErrors} more" : "");
        return new SubpException(
            DiagnosticDescriptors.EmittedCodeInvalid,
            "",
            shown,
            "C# that compiles",
            "This is a defect of the compiler, unless emitted files were changed by hand; please report it with the .subp file."
        );
    }

    private static string Text(Microsoft.CodeAnalysis.Diagnostic diagnostic) =>
        CSharpDiagnosticFormatter.Instance.Format(diagnostic, System.Globalization.CultureInfo.InvariantCulture);
}
