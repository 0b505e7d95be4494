using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Subp.Compiler;
using Subp.Compiler.Emission;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Interpretation;
using Subp.Core.Weights;
using Subp.Roslyn;
using Subp.SourceGenerator.Tests.Driving;
using Subp.SourceGenerator.Tests.Models;
using Subp.Testing;
using Xunit;

namespace Subp.SourceGenerator.Tests;

/// <summary>Networks whose weights lie packed in 2 to 8 bits, through the generator and through a DLL.</summary>
[Trait("speed", "slow")]
public sealed class FewBitsTests
{
    private const string Caller = """
        namespace Demo
        {
            internal static class Program
            {
                public static float[] Answer(float[] image, string folder)
                {
                    var model = folder.Length == 0 ? Few.Instance : Few.Load(System.IO.Path.Combine(folder, "Few.safetensors"));
                    using var session = model.CreateSession(1);
                    var scores = new float[3];
                    session.Run(image, scores);
                    return scores;
                }
            }
        }
        """;

    [Theory]
    [InlineData(2, false, "")]
    [InlineData(3, false, "file")]
    [InlineData(6, false, "")]
    [InlineData(8, false, "")]
    [InlineData(2, true, "")]
    [InlineData(4, true, "file")]
    [InlineData(5, true, "")]
    public void Generated_code_is_that_of_the_library_and_computes_what_the_network_says(int bits, bool isOfBytes, string weights)
    {
        var model = FewBitNetwork.Model(bits, isOfBytes);
        var bundle = ModelBundle.Write(model);
        Assert.Contains(FormattableString.Invariant($" bits {bits}"), bundle.SubpText, StringComparison.Ordinal);
        var project = new Project(
            [new ModelFile("/app/few.subp", bundle.SubpText, ("Namespace", "Demo"), ("ClassName", "Few"), ("Weights", weights))],
            Caller
        );
        var generated = project.Run();
        Assert.Empty(generated.Diagnostics.Where(finding => finding.Severity != DiagnosticSeverity.Info));
        Assert.Empty(project.CompilerFindings());
        var options = new CompileOptions
        {
            Namespace = "Demo",
            ClassName = "Few",
            Weights = weights == "file" ? WeightsLocation.File : WeightsLocation.Embedded,
        };
        Assert.Equal(
            ModelEmitter.Emit(ModelPlanner.Plan(model.Graph, options)).Select(file => file.Text),
            generated.GeneratedSources.Select(file => file.SourceText.ToString())
        );

        var folder = Directory.CreateTempSubdirectory("subp-few-");
        var context = new AssemblyLoadContext("app", isCollectible: true);
        try
        {
            // What the targets of the package do with the weights.
            var path = Path.Combine(folder.FullName, "app.dll");
            ResourceDescription[] resources =
                weights == "file" ? [] : [new("Demo.Few.safetensors", () => new MemoryStream(bundle.Safetensors), isPublic: true)];
            Assert.True(project.Output.Emit(path, manifestResources: resources).Success);
            File.WriteAllBytes(Path.Combine(folder.FullName, "Few.safetensors"), bundle.Safetensors);
            var answer = context.LoadFromAssemblyPath(path).GetType("Demo.Program")!.GetMethod("Answer")!;
            AssertAnswer(model, input => (float[])answer.Invoke(null, [input, weights == "file" ? folder.FullName : ""])!);
        }
        finally
        {
            context.Unload();
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void What_the_tool_rounds_and_quantises_becomes_a_DLL_and_generated_code_alike(int bits)
    {
        var folder = Directory.CreateTempSubdirectory("subp-few-");
        try
        {
            var bundle = TinyNetwork.Bundle();
            File.WriteAllText(Path.Combine(folder.FullName, "tiny.subp"), bundle.SubpText);
            File.WriteAllBytes(Path.Combine(folder.FullName, "tiny.safetensors"), bundle.Safetensors);
            var inputs = RandomWeights.Input(new TensorShape(4, 1, 8, 8), seed: 3);
            File.WriteAllBytes(Path.Combine(folder.FullName, "inputs.bin"), MemoryMarshal.AsBytes(inputs.AsSpan()).ToArray());
            ChildProcess.Check(RoundAndCompile, FormattableString.Invariant($"{folder.FullName}|{bits}"));
            foreach (var name in new[] { "few", "bytes" })
            {
                var text = File.ReadAllText(Path.Combine(folder.FullName, name + ".subp"));
                Assert.Contains(FormattableString.Invariant($" bits {bits}"), text, StringComparison.Ordinal);
                var values = File.ReadAllBytes(Path.Combine(folder.FullName, name + ".safetensors"));
                var (model, _) = ModelBundle.Read(text, name + ".subp", values, name + ".safetensors");
                using var loaded = LoadedModel.Load(Path.Combine(folder.FullName, name + ".dll"));
                AssertAnswer(model, input => Run(loaded, input));
                var generated = new Project([new ModelFile("/app/x.subp", text, ("Namespace", "Demo"), ("ClassName", "Net"))]).Run();
                Assert.All(
                    generated.GeneratedSources,
                    file =>
                        Assert.Equal(
                            file.SourceText.ToString(),
                            File.ReadAllText(Path.Combine(folder.FullName, name + ".src", file.HintName["Demo.".Length..]))
                        )
                );
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Runs the commands of the tool one after the other; for a child process.</summary>
    internal static void RoundAndCompile(string argument)
    {
        var (folder, bits) = (argument.Split('|')[0], argument.Split('|')[1]);
        string At(string name) => Path.Combine(folder, name);
        string[][] commands =
        [
            // The head has three outputs of 32 weights: too few to be worth packing.
            [
                "compress",
                At("tiny.subp"),
                "--sparsity",
                "0",
                "--bits",
                bits,
                "--restore",
                "none",
                "--compensate",
                "none",
                "-o",
                At("few.subp"),
            ],
            ["quantize", At("few.subp"), "--calibration", At("inputs.bin"), "-o", At("bytes.subp")],
            .. new[] { "few", "bytes" }.Select(name =>
                new[]
                {
                    "compile",
                    At(name + ".subp"),
                    "-o",
                    At(name + ".dll"),
                    "--emit-source",
                    "--namespace",
                    "Demo",
                    "--class-name",
                    "Net",
                }
            ),
        ];
        foreach (var command in commands)
            Assert.Equal(0, Assembly.Load("subp").EntryPoint!.Invoke(null, [command]));
    }

    private static float[] Run(LoadedModel loaded, float[] input)
    {
        using var session = loaded.CreateSession(1);
        var found = new float[loaded.OutputLength];
        session.Run(input, found);
        return found;
    }

    private static void AssertAnswer(Model model, Func<float[], float[]> run)
    {
        var input = RandomWeights.Input(model.Graph.Inputs[0].Shape, seed: 2);
        var expected = new float[3];
        new ReferenceInterpreter(model).Run(input, expected);
        Assert.All(expected.Zip(run(input)), pair => Assert.Equal(pair.First, pair.Second, 1e-4f * expected.Max(Math.Abs)));
    }
}
