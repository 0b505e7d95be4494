extern alias generator;
using System.Collections.Immutable;
using generator::Subp.SourceGenerator;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Subp.SourceGenerator.Tests.Driving;

/// <summary>A project in memory with model files, and the driver that runs the generator over it, run after run.</summary>
internal sealed class Project
{
    /// <summary>The project file of the tests, where findings about items and the project are placed.</summary>
    public const string File = "/home/user/app/app.csproj";

    private static readonly MetadataReference[] s_references =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    private readonly CSharpParseOptions _parse;
    private ModelFile[] _files;
    private GeneratorDriver _driver;

    /// <summary>Creates a project.</summary>
    public Project(
        IEnumerable<ModelFile> files,
        string code = "",
        LanguageVersion language = LanguageVersion.CSharp12,
        bool allowUnsafe = true,
        NullableContextOptions nullable = NullableContextOptions.Enable,
        bool withFramework = true,
        params (string Name, string Value)[] properties
    )
    {
        _files = [.. files];
        _parse = new CSharpParseOptions(language, DocumentationMode.Diagnose);
        Compilation = CSharpCompilation.Create(
            "app",
            [CSharpSyntaxTree.ParseText(code, _parse, "Program.cs")],
            withFramework ? s_references : [],
            new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary,
                allowUnsafe: allowUnsafe,
                nullableContextOptions: nullable,
                warningLevel: 9999
            )
        );
        Properties = [("MSBuildProjectFullPath", File), .. properties];
        _driver = CSharpGeneratorDriver.Create(
            [new SubpModelGenerator().AsSourceGenerator()],
            _files,
            _parse,
            new BuildOptions(_files, Properties),
            new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true)
        );
    }

    /// <summary>The code of the user.</summary>
    public CSharpCompilation Compilation { get; private set; }

    /// <summary>The properties of the project.</summary>
    public (string Name, string Value)[] Properties { get; }

    /// <summary>Everything after the last run.</summary>
    public Microsoft.CodeAnalysis.Compilation Output { get; private set; } = null!;

    /// <summary>Runs the generator.</summary>
    public GeneratorRunResult Run(CancellationToken cancellation = default)
    {
        _driver = _driver.RunGeneratorsAndUpdateCompilation(Compilation, out var output, out _, cancellation);
        Output = output;
        return _driver.GetRunResult().Results.Single();
    }

    /// <summary>Changes code that has nothing to do with models.</summary>
    public Project Edit(string code)
    {
        Compilation = Compilation.ReplaceSyntaxTree(Compilation.SyntaxTrees[0], CSharpSyntaxTree.ParseText(code, _parse, "Program.cs"));
        return this;
    }

    /// <summary>Replaces a model file by one of the same path; its metadata may differ.</summary>
    public Project Replace(ModelFile file)
    {
        var old = _files.Single(candidate => candidate.Path == file.Path);
        _files = [.. _files.Select(candidate => candidate == old ? file : candidate)];
        _driver = _driver.ReplaceAdditionalText(old, file).WithUpdatedAnalyzerConfigOptions(new BuildOptions(_files, Properties));
        return this;
    }

    /// <summary>What the compiler has to say about user code and emitted code together, down to warnings.</summary>
    public IEnumerable<Diagnostic> CompilerFindings() =>
        Output.GetDiagnostics().Where(finding => finding.Severity >= DiagnosticSeverity.Warning);

    /// <summary>The reasons of one step's outputs in the last run.</summary>
    public static IEnumerable<IncrementalStepRunReason> Reasons(GeneratorRunResult result, string step) =>
        result.TrackedSteps.TryGetValue(step, out ImmutableArray<IncrementalGeneratorRunStep> steps)
            ? steps.SelectMany(run => run.Outputs).Select(output => output.Reason)
            : [];
}
