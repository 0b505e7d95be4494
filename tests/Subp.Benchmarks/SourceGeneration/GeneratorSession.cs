using System.Diagnostics;
using System.Reflection;
using System.Runtime;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Subp.SourceGenerator.Tests.Driving;

namespace Subp.Benchmarks.SourceGeneration;

/// <summary>One compiler process: warms Roslyn with a generator that knows nothing of networks, loads ours and times its runs.</summary>
internal static class GeneratorSession
{
    // After so many runs everything that matters was compiled again with full optimisation.
    private const int WarmRuns = 10;

    /// <summary>Names of steps and their milliseconds, in the order of execution; "methods" counts compiled methods.</summary>
    public static IEnumerable<(string Name, double Milliseconds)> Measure(string generatorPath, string text)
    {
        var parse = new CSharpParseOptions(LanguageVersion.CSharp12);
        var compilation = CSharpCompilation.Create(
            "app",
            [CSharpSyntaxTree.ParseText("class Program { }", parse, "Program.cs")],
            [MetadataReference.CreateFromFile(typeof(object).Assembly.Location)],
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true)
        );
        var model = new ModelFile("/app/resnet50.subp", text, ("Namespace", "Demo"), ("ClassName", "ResNet50"));
        var edited = compilation.ReplaceSyntaxTree(
            compilation.SyntaxTrees[0],
            CSharpSyntaxTree.ParseText("class Program { int edited; }", parse, "Program.cs")
        );
        for (var run = 0; run < 5; run++)
        {
            Driver(new WarmUpGenerator(), model, parse)
                .RunGeneratorsAndUpdateCompilation(compilation, out _, out _)
                .RunGeneratorsAndUpdateCompilation(edited, out _, out _);
        }

        var methods = JitInfo.GetCompiledMethodCount();
        var jit = JitInfo.GetCompilationTime();
        var processor = Environment.CpuUsage.TotalTime;
        var clock = Stopwatch.StartNew();
        var type = Assembly.LoadFrom(generatorPath).GetType("Subp.SourceGenerator.SubpModelGenerator")!;
        var driver = Driver((IIncrementalGenerator)Activator.CreateInstance(type)!, model, parse);
        driver = driver.RunGeneratorsAndUpdateCompilation(compilation, out var output, out _);
        yield return ("cold", clock.Elapsed.TotalMilliseconds);
        yield return ("cold, processor time", (Environment.CpuUsage.TotalTime - processor).TotalMilliseconds);
        yield return ("cold, JIT of all threads", (JitInfo.GetCompilationTime() - jit).TotalMilliseconds);
        yield return ("cold, methods compiled", JitInfo.GetCompiledMethodCount() - methods);
        if (output.SyntaxTrees.Count() < 50)
            throw new InvalidOperationException("The generator emitted no network.");

        clock.Restart();
        driver = driver.RunGeneratorsAndUpdateCompilation(edited, out _, out _);
        yield return ("first unrelated edit", clock.Elapsed.TotalMilliseconds);
        clock.Restart();
        driver = driver.RunGeneratorsAndUpdateCompilation(compilation, out _, out _);
        yield return ("second unrelated edit", clock.Elapsed.TotalMilliseconds);

        var changed = new ModelFile(model.Path, text, [.. model.Metadata, ("Threads", "1")]);
        clock.Restart();
        driver = driver.ReplaceAdditionalText(model, changed).WithUpdatedAnalyzerConfigOptions(new BuildOptions([changed]));
        driver.RunGeneratorsAndUpdateCompilation(compilation, out _, out _);
        yield return ("changed option", clock.Elapsed.TotalMilliseconds);

        for (var run = 0; run < WarmRuns; run++)
        {
            clock.Restart();
            Driver((IIncrementalGenerator)Activator.CreateInstance(type)!, model, parse)
                .RunGeneratorsAndUpdateCompilation(compilation, out _, out _);
        }

        yield return ("warm", clock.Elapsed.TotalMilliseconds);
    }

    private static GeneratorDriver Driver(IIncrementalGenerator generator, ModelFile model, CSharpParseOptions parse) =>
        CSharpGeneratorDriver.Create([generator.AsSourceGenerator()], [model], parse, new BuildOptions([model]));
}
