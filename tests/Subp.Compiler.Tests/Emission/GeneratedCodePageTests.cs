using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Subp.Compiler.Emission;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;
using Subp.Core.Text;
using Xunit;

namespace Subp.Compiler.Tests.Emission;

public sealed partial class GeneratedCodePageTests
{
    private static readonly string s_tests = Folder();

    private static string Page => File.ReadAllText(Path.Combine(s_tests, "..", "..", "..", "docs", "generated-code.md"));

    [Fact]
    public void The_table_of_files_names_every_file_that_is_emitted_and_no_other()
    {
        var named = Row().Matches(Page).SelectMany(row => Part().Matches(row.Value)).Select(part => part.Groups["part"].Value);
        Assert.Equal(Emitted().Distinct().Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_table_of_families_names_every_snapshot_of_a_layer()
    {
        var page = Page;
        var names = Directory
            .GetFiles(Path.Combine(s_tests, "_snapshots"), "*.verified.cs")
            .Select(file => Path.GetFileName(file).Split('.'))
            .Where(parts => parts[0] != nameof(RuntimeSnapshotTests))
            .Select(parts => parts[1]);
        Assert.All(names, name => Assert.Contains($"`{name}`", page, StringComparison.Ordinal));
    }

    // Several threads, halos, a pattern, the Winograd domain and a smooth activation: all that decides whether a file is emitted.
    private static IEnumerable<string> Emitted()
    {
        var builder = new GraphBuilder("net");
        var image = builder.Input("image", new TensorShape(1, 16, 13, 12));
        var layer = builder.Conv2d(
            "layer",
            image,
            32,
            Window.Square(3, padding: 1),
            activation: Activation.Relu,
            pattern: new BlockPattern(
                16,
                16,
                [
                    [2, 9],
                    [1, 4],
                ]
            )
        );
        builder.Output(builder.Conv2d("next", layer, 16, Window.Square(3, padding: 1), activation: Activation.Of(ActivationKind.Gelu)));
        var options = new CompileOptions
        {
            ThreadCounts = [1, 2],
            Hints = PlanHints.Create().Add("layer", "algorithm", "winograd4").Build(),
        };
        return ModelEmitter
            .Emit(ModelPlanner.Plan(builder.Build(), options))
            .Select(file => LayerName().Replace(file.Name["Net".Length..], ".Layer{nn}_{Node}."));
    }

    private static string Folder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;

    [GeneratedRegex(@"^\| `\{Class\}.*?\|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"`(\{Class\})?(?<part>\.[^`]*)`", RegexOptions.ExplicitCapture)]
    private static partial Regex Part();

    [GeneratedRegex(@"\.Layer\d\d_\w+\.")]
    private static partial Regex LayerName();
}
