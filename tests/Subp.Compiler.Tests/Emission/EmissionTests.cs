using System.Globalization;
using System.Text.RegularExpressions;
using Subp.Compiler.Emission;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Weights;
using Subp.Testing;
using Xunit;

namespace Subp.Compiler.Tests.Emission;

public sealed class EmissionTests
{
    private static readonly int[] s_seeds = [2, 3, 5, 6];

    [Fact]
    public void The_same_network_gives_the_same_bytes_in_every_culture()
    {
        var expected = s_seeds.Select(Emit).ToArray();
        var culture = CultureInfo.CurrentCulture;
        try
        {
            // Turkish has another upper case of i; Finnish writes the minus sign as U+2212 and the decimal point as a comma.
            foreach (var name in new[] { "en-US", "tr-TR", "fi-FI" })
            {
                CultureInfo.CurrentCulture = new CultureInfo(name);
                Assert.Equal(expected, s_seeds.Select(Emit));
            }
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    [Fact]
    public void Emitted_code_does_not_depend_on_the_values_of_weights()
    {
        foreach (var seed in s_seeds)
        {
            var model = RandomGraph.Create(seed);
            var trained = RandomWeights.For(model.Graph, seed: 99);
            Assert.NotEqual(ModelBundle.Write(model).Safetensors, ModelBundle.Write(trained).Safetensors);
            Assert.Equal(Emit(PassPipeline.Pack(model).Graph), Emit(PassPipeline.Pack(trained).Graph));
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void The_header_names_the_options_that_shaped_the_code(UnrollMode mode)
    {
        var text = Emit(RandomGraph.Create(1).Graph, mode);
        Assert.Contains($" --unroll {mode.ToString().ToLowerInvariant()}\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_have_distinct_names_clean_lines_and_no_place_of_this_machine()
    {
        foreach (var seed in s_seeds)
        {
            var files = Files(PassPipeline.Pack(RandomGraph.Create(seed)).Graph, UnrollMode.Auto);
            Assert.Equal(files.Count, files.Select(file => file.Name).Distinct(StringComparer.OrdinalIgnoreCase).Count());
            Assert.All(
                files,
                file =>
                {
                    Assert.DoesNotContain('\r', file.Text);
                    Assert.DoesNotMatch("[ \t]\n", file.Text);
                    Assert.DoesNotContain("\n\n\n", file.Text, StringComparison.Ordinal);
                    Assert.EndsWith("}\n", file.Text, StringComparison.Ordinal);
                    Assert.DoesNotContain(AppContext.BaseDirectory, file.Text, StringComparison.Ordinal);
                }
            );
        }
    }

    [Fact]
    public void Every_kernel_is_in_the_list_of_those_compiled_ahead_once()
    {
        foreach (var seed in s_seeds)
        {
            var files = Files(PassPipeline.Pack(RandomGraph.Create(seed)).Graph, UnrollMode.Auto);
            var ahead = files.Single(file => file.Name.EndsWith(".CompileAhead.cs", StringComparison.Ordinal));
            // Activation functions are a few instructions; which vector length a network needs first is not worth knowing.
            var kernels = files
                .Where(file => !file.Name.EndsWith(".Functions.cs", StringComparison.Ordinal))
                .SelectMany(file =>
                    Regex.Matches(
                        file.Text,
                        @"\[Runtime::SkipLocalsInit\]\s+\[Runtime::MethodImpl\(KernelCode\)\]\s+(?:internal|private) static void (\w+)\("
                    )
                )
                .Select(match => match.Groups[1].Value)
                .Order(StringComparer.Ordinal);
            var listed = Regex
                .Matches(ahead.Text, @"new Kernel\d+\((\w+)\)")
                .Select(match => match.Groups[1].Value)
                .Order(StringComparer.Ordinal);
            Assert.NotEmpty(listed);
            Assert.Equal(kernels, listed);
        }
    }

    public static TheoryData<UnrollMode> Modes => [.. Enum.GetValues<UnrollMode>()];

    private static string Emit(int seed) => Emit(PassPipeline.Pack(RandomGraph.Create(seed)).Graph);

    private static string Emit(Graph graph, UnrollMode mode = UnrollMode.Auto) =>
        string.Concat(Files(graph, mode).Select(file => $"=== {file.Name}\n{file.Text}"));

    private static IReadOnlyList<EmittedFile> Files(Graph graph, UnrollMode mode) =>
        ModelEmitter.Emit(ModelPlanner.Plan(graph, new CompileOptions { Unroll = mode }));
}
