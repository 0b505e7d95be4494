using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Subp.Compiler;
using Subp.Compiler.Emission.Runtime;
using Subp.Compiler.Planning;
using Subp.Core.Diagnostics;
using Subp.Testing;
using Xunit;

namespace Subp.Roslyn.Tests.ForeignNames;

/// <summary>Emitted code lives in projects that we do not know, with names that we cannot foresee.</summary>
public sealed class ForeignNamesTests
{
    public static TheoryData<bool, LanguageVersion> Surroundings
    {
        get
        {
            var cases = new TheoryData<bool, LanguageVersion>();
            foreach (var (beside, language) in new[] { (true, LanguageVersion.CSharp12), (false, LanguageVersion.Latest) }.Sample(2))
                cases.Add(beside, language);
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Surroundings))]
    public void Code_compiles_without_a_warning_and_runs_right_beside_types_and_namespaces_of_every_name_it_uses(
        bool typesBesideModel,
        LanguageVersion language
    )
    {
        var corpus = EmittedCorpus.Instance;
        // That the corpus has all families shows in what it uses.
        Assert.Superset(
            new HashSet<string>([
                "PackDepthwise",
                "TransformBlocks",
                "MathF",
                "Sigmoid16",
                "PermuteVar16x32",
                "ThreadTeam",
                "Avx512F",
                "KernelMatrix4",
            ]),
            new HashSet<string>(corpus.Identifiers())
        );
        var declarations = ForeignDeclarations.Text(
            corpus.Identifiers(),
            [.. corpus.Models.Select(model => model.ClassName)],
            typesBesideModel
        );
        var compilation = Compile(corpus, declarations, language);
        RequireAnswers(corpus, Load(compilation, corpus));
    }

    [Fact]
    public void The_names_a_class_may_not_have_are_those_of_the_members_that_are_emitted()
    {
        var emitted = EmittedCorpus
            .Instance.Models.SelectMany(model => model.Files)
            .SelectMany(file => CSharpSyntaxTree.ParseText(file.Text).GetRoot().DescendantNodes())
            .OfType<ClassDeclarationSyntax>()
            .Where(declaration => declaration.Parent is BaseNamespaceDeclarationSyntax)
            .SelectMany(declaration => declaration.Members.SelectMany(Names))
            .Where(name => char.IsUpper(name[0]))
            .ToHashSet(StringComparer.Ordinal);
        Assert.Contains("ThreadTeam", emitted);
        Assert.All(emitted, name => Assert.Throws<SubpException>(() => ClassNameCheck.Require("Models", name)));
        // Sparse weights that a dense kernel reads are packed by a method of their own, and so are those of transposed convolutions; a
        // class of several inputs and outputs names them in the plural. No network of the corpus has any of these.
        string[] elsewhere = ["PackBlocks", "PackTransposed", "InputNames", "InputShapes", "OutputNames", "OutputShapes"];
        Assert.Empty(MemberNames.Single.Except(emitted).Except(elsewhere));
    }

    private static IEnumerable<string> Names(MemberDeclarationSyntax member) =>
        member switch
        {
            BaseTypeDeclarationSyntax type => [type.Identifier.ValueText],
            MethodDeclarationSyntax method => [method.Identifier.ValueText],
            PropertyDeclarationSyntax property => [property.Identifier.ValueText],
            FieldDeclarationSyntax field => field.Declaration.Variables.Select(variable => variable.Identifier.ValueText),
            ConstructorDeclarationSyntax => [],
            _ => throw new InvalidOperationException($"A member of kind {member.Kind()}."),
        };

    private static CSharpCompilation Compile(EmittedCorpus corpus, string declarations, LanguageVersion language)
    {
        var parse = CSharpParseOptions.Default.WithLanguageVersion(language).WithDocumentationMode(DocumentationMode.Diagnose);
        var cases = corpus.Models.Select(model =>
            $$"""
                case "{{model.ClassName}}":
                {
                    using var session = global::Host.Inner.{{model.ClassName}}.Load(weights).CreateSession(
                        2,
                        portable
                            ? global::Host.Inner.{{model.ClassName}}.InstructionSet.Portable
                            : global::Host.Inner.{{model.ClassName}}.BestInstructionSet);
                    session.Run(input, output);
                    return;
                }
                """
        );
        var driver = $$"""
            public static class Driver
            {
                public static void Run(string model, byte[] weights, bool portable, float[] input, float[] output)
                {
                    switch (model)
                    {
                        {{string.Join("\n", cases)}}
                    }
                }
            }
            """;
        return CSharpCompilation.Create(
            "foreign",
            corpus
                .Models.SelectMany(model => model.Files)
                .Select(file => CSharpSyntaxTree.ParseText(file.Text, parse, file.Name))
                .Append(CSharpSyntaxTree.ParseText(declarations, parse, "Foreign.cs"))
                .Append(CSharpSyntaxTree.ParseText("#pragma warning disable\nnamespace Driving\n{" + driver + "}", parse, "Driver.cs")),
            ReferenceAssemblies.All,
            new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary,
                optimizationLevel: OptimizationLevel.Release,
                allowUnsafe: true,
                warningLevel: 9999
            )
        );
    }

    private static Assembly Load(CSharpCompilation compilation, EmittedCorpus corpus)
    {
        using var image = new MemoryStream();
        var resources = corpus
            .Models.Where(model => model.Plan.Options.Weights == WeightsLocation.Embedded)
            .Select(model => new ResourceDescription(
                $"{EmittedCorpus.Namespace}.{model.ClassName}.safetensors",
                () => new MemoryStream(model.Safetensors, writable: false),
                isPublic: true
            ));
        // Emitting finds the warnings as well; asking for them before would bind everything twice.
        var found = compilation
            .Emit(image, manifestResources: resources)
            .Diagnostics.Where(diagnostic => diagnostic.Severity is not Microsoft.CodeAnalysis.DiagnosticSeverity.Hidden)
            .Select(diagnostic => diagnostic.ToString())
            .ToArray();
        Assert.True(found.Length == 0, string.Join("\n", found.Take(40)));
        image.Position = 0;
        return new AssemblyLoadContext("foreign", isCollectible: true).LoadFromStream(image);
    }

    private static void RequireAnswers(EmittedCorpus corpus, Assembly assembly)
    {
        var run = assembly
            .GetType("Driving.Driver", throwOnError: true)!
            .GetMethod("Run")!
            .CreateDelegate<Action<string, byte[], bool, float[], float[]>>();
        foreach (var model in corpus.Models)
        {
            var input = RandomWeights.Input(model.Plan.InputShape, seed: 2);
            var tolerance = 1e-4f * Math.Max(1e-3f, model.Expected.Max(Math.Abs));
            foreach (var portable in new[] { false, true })
            {
                var output = new float[model.Expected.Length];
                run(model.ClassName, model.Safetensors, portable, input, output);
                Assert.True(model.Expected.Zip(output, (left, right) => Math.Abs(left - right)).Max() <= tolerance, model.Plan.Source.Name);
            }
        }
    }
}
