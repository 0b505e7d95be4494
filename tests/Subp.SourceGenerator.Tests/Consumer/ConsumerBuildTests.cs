using System.Globalization;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Subp.Compiler.Planning.Costs;
using Subp.Core.Interpretation;
using Subp.Core.Weights;
using Subp.SourceGenerator.Tests.Models;
using Xunit;

namespace Subp.SourceGenerator.Tests.Consumer;

[Trait("speed", "slow")]
public sealed class ConsumerBuildTests
{
    private const string Program = """
        using System;
        using System.Globalization;
        using System.IO;
        using System.Linq;

        float[] Answer(Action<float[], float[]> run)
        {
            var output = new float[3];
            run(Enumerable.Range(0, 64).Select(index => (index % 7 - 3) / 4f).ToArray(), output);
            return output;
        }

        try
        {
            var output = args[0] switch
            {
                "embedded" => Answer((x, y) => { using var session = consumer_app.TinyNet2.Instance.CreateSession(1); session.Run(x, y); }),
                "file" => Answer((x, y) => { using var session = Demo.Replaceable.Instance.CreateSession(1); session.Run(x, y); }),
                _ => Answer((x, y) => { using var session = consumer_app.TinyNet2.Load(args[1]).CreateSession(2); session.Run(x, y); }),
            };
            Console.WriteLine(string.Join(" ", output.Select(value => value.ToString("R", CultureInfo.InvariantCulture))));
            return 0;
        }
        catch (IOException exception)
        {
            Console.WriteLine(exception.GetType().Name + ": " + exception.Message);
            return 1;
        }
        catch (InvalidDataException exception)
        {
            Console.WriteLine(exception.GetType().Name + ": " + exception.Message);
            return 1;
        }
        """;

    private const string Items = """
        <SubpModel Include="models/tiny-net.2.subp" Threads="1;2" />
        <SubpModel Include="models/second.subp" Namespace="Demo" ClassName="Replaceable" Weights="file" Threads="1" Isa="avx2"
                   Machine="machines/mine.json" />
        """;

    private static readonly string s_machine = MachineFile.Print(MachineDescription.Standard with { Name = "mine" });

    [Fact]
    public void A_project_with_two_items_builds_without_a_warning_runs_and_takes_retrained_weights_without_a_rebuild()
    {
        using var project = new ConsumerProject(
            Items,
            Program,
            "<Nullable>disable</Nullable><AllowUnsafeBlocks>true</AllowUnsafeBlocks>"
                + "<GenerateDocumentationFile>true</GenerateDocumentationFile><SubpPrecompiled>true</SubpPrecompiled>"
        );
        var (first, second, retrained) = (TinyNetwork.Bundle(seed: 1), TinyNetwork.Bundle(seed: 2), TinyNetwork.Bundle(seed: 3));
        project.Write("models/tiny-net.2.subp", first.SubpText);
        project.Write("models/tiny-net.2.safetensors", first.Safetensors);
        project.Write("models/second.subp", second.SubpText);
        project.Write("machines/mine.json", s_machine);
        project.Write("models/second.safetensors", second.Safetensors);

        var (exit, text) = project.Build();
        Assert.True(exit == 0 && !text.Contains("warning", StringComparison.Ordinal), text);
        AssertAnswer(1, project.Run("embedded"));
        AssertAnswer(2, project.Run("file"));
        AssertSymbolsHoldSource(Path.Combine(project.Output, "consumer-app.pdb"), "TinyNet2.Layer02_Body.Portable.cs");
        AssertImagesMayHoldKernels(Path.Combine(project.Output, "consumer-app.dll"));

        // Trained on: other values, the same pattern.
        var beside = Path.Combine(project.Output, "Replaceable.safetensors");
        File.WriteAllBytes(beside, retrained.Safetensors);
        AssertAnswer(3, project.Run("file"));
        AssertAnswer(3, project.Run("load", beside));

        var foreign = (byte[])retrained.Safetensors.Clone();
        foreign[100] ^= 1;
        File.WriteAllBytes(beside, foreign);
        var refused = project.Run("file");
        Assert.Contains(
            $"InvalidDataException: The file '{beside}' cannot be used. The weights do not belong to this network",
            refused.Text,
            StringComparison.Ordinal
        );

        File.Delete(beside);
        var missing = project.Run("file");
        Assert.Contains(
            $"FileNotFoundException: The weights of the network are missing: found no file '{beside}'",
            missing.Text,
            StringComparison.Ordinal
        );
        Assert.Contains("Copy it there under this name, or call Load.", missing.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_project_with_weights_of_few_bits_builds_and_runs_on_floats_and_on_bytes()
    {
        using var project = new ConsumerProject(Items, Program, "<AllowUnsafeBlocks>true</AllowUnsafeBlocks>");
        var (floats, bytes) = (FewBitNetwork.Model(bits: 3, isOfBytes: false), FewBitNetwork.Model(bits: 4, isOfBytes: true));
        foreach (var (name, model) in new[] { ("tiny-net.2", floats), ("second", bytes) })
        {
            var bundle = ModelBundle.Write(model);
            project.Write($"models/{name}.subp", bundle.SubpText);
            project.Write($"models/{name}.safetensors", bundle.Safetensors);
        }

        project.Write("machines/mine.json", s_machine);
        var (exit, text) = project.Build();
        Assert.True(exit == 0 && !text.Contains("warning", StringComparison.Ordinal), text);
        AssertAnswer(floats, project.Run("embedded"));
        AssertAnswer(bytes, project.Run("file"));
    }

    [Fact]
    public void Missing_and_foreign_weights_are_build_errors_and_no_others_follow()
    {
        using var project = new ConsumerProject(Items, "System.Console.WriteLine();", "<AllowUnsafeBlocks>true</AllowUnsafeBlocks>");
        project.Write("models/tiny-net.2.subp", TinyNetwork.Bundle(seed: 1).SubpText);
        project.Write("models/second.subp", TinyNetwork.Bundle(seed: 2).SubpText);
        project.Write("machines/mine.json", s_machine);
        project.Write("models/second.safetensors", TinyNetwork.Bundle(seed: 3).Safetensors);

        var (exit, text) = project.Build();
        Assert.NotEqual(0, exit);
        Assert.Contains($"{Path.Combine("models", "tiny-net.2.subp")}(1,1): error SUBP1001:", text, StringComparison.Ordinal);
        Assert.Contains($"{Path.Combine("models", "second.subp")}(4,1): error SUBP0304:", text, StringComparison.Ordinal);
        Assert.DoesNotContain("error CS", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_of_the_name_of_the_weights_is_no_weights_file()
    {
        using var project = new ConsumerProject(Items, "System.Console.WriteLine();", "<AllowUnsafeBlocks>true</AllowUnsafeBlocks>");
        project.Write("models/tiny-net.2.subp", TinyNetwork.Bundle(seed: 1).SubpText);
        project.Write("models/tiny-net.2.safetensors/inside", "");
        project.Write("models/second.subp", TinyNetwork.Bundle(seed: 2).SubpText);
        project.Write("models/second.safetensors/inside", "");
        project.Write("machines/mine.json", s_machine);

        var (exit, text) = project.Build();
        Assert.NotEqual(0, exit);
        foreach (var name in new[] { "tiny-net.2.subp", "second.subp" })
            Assert.Contains($"{Path.Combine("models", name)}(1,1): error SUBP1001:", text, StringComparison.Ordinal);
        Assert.DoesNotContain("error MSB", text, StringComparison.Ordinal);
    }

    /// <summary>Debuggers step into emitted code although no file of it lies on disk.</summary>
    private static void AssertSymbolsHoldSource(string file, string name)
    {
        var embeddedSource = new Guid("0E8A571B-6926-466E-B4AD-8AB04611F5FE");
        using var provider = MetadataReaderProvider.FromPortablePdbStream(File.OpenRead(file));
        var symbols = provider.GetMetadataReader();
        var document = symbols.Documents.Single(handle =>
            symbols.GetString(symbols.GetDocument(handle).Name).EndsWith(name, StringComparison.Ordinal)
        );
        Assert.Contains(
            symbols.GetCustomDebugInformation(document),
            information => symbols.GetGuid(symbols.GetCustomDebugInformation(information).Kind) == embeddedSource
        );
    }

    /// <summary>ReadyToRun leaves out methods that ask for full optimisation; under SubpPrecompiled none does.</summary>
    private static void AssertImagesMayHoldKernels(string file)
    {
        using var image = new PEReader(File.OpenRead(file));
        var metadata = image.GetMetadataReader();
        var methods = metadata.MethodDefinitions.Select(handle => metadata.GetMethodDefinition(handle)).ToArray();
        Assert.Contains(methods, method => metadata.GetString(method.Name).StartsWith("Layer02", StringComparison.Ordinal));
        Assert.DoesNotContain(methods, method => method.ImplAttributes.HasFlag(MethodImplAttributes.AggressiveOptimization));
    }

    private static void AssertAnswer(int seed, (int ExitCode, string Text) run) => AssertAnswer(TinyNetwork.Model(seed), run);

    private static void AssertAnswer(Model model, (int ExitCode, string Text) run)
    {
        Assert.True(run.ExitCode == 0, run.Text);
        var found = run.Text.Split(' ').Select(word => float.Parse(word, CultureInfo.InvariantCulture)).ToArray();
        var input = Enumerable.Range(0, 64).Select(index => ((index % 7) - 3) / 4f).ToArray();
        var expected = new float[3];
        new ReferenceInterpreter(model).Run(input, expected);
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 1e-4f * expected.Max(Math.Abs)));
    }
}
