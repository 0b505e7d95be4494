using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Subp.Compiler.Emission;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Text;
using Xunit;

namespace Subp.Compiler.Tests.Emission;

public sealed partial class GeneratedCodePageTests
{
    [Fact]
    public void The_table_of_files_names_every_file_that_is_emitted_and_no_other()
    {
        var page = File.ReadAllText(Path.Combine(Root(), "docs", "generated-code.md"));
        var named = Row().Matches(page).SelectMany(row => Part().Matches(row.Value)).Select(part => part.Groups["part"].Value);
        Assert.Equal(Emitted().Distinct().Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));
    }

    // Several threads, halos, the Winograd domain and a smooth activation: all that decides whether a file is emitted.
    private static IEnumerable<string> Emitted()
    {
        var builder = new GraphBuilder("net");
        var image = builder.Input("image", new TensorShape(1, 16, 13, 12));
        var layer = builder.Conv2d("layer", image, 32, Window.Square(3, padding: 1), activation: Activation.Silu);
        builder.Output(builder.Conv2d("next", layer, 16, Window.Square(3, padding: 1)));
        var options = new CompileOptions
        {
            ThreadCounts = [1, 2],
            Hints = PlanHints.Create().Add("layer", "algorithm", "winograd4").Build(),
        };
        return ModelEmitter
            .Emit(ModelPlanner.Plan(builder.Build(), options))
            .Select(file => LayerName().Replace(file.Name["Net".Length..], ".Layer{nn}_{Node}."));
    }

    private static string Root([CallerFilePath] string file = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "..", "..", ".."));

    [GeneratedRegex(@"^\| `\{Class\}.*?\|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"`(\{Class\})?(?<part>\.[^`]*)`", RegexOptions.ExplicitCapture)]
    private static partial Regex Part();

    [GeneratedRegex(@"\.Layer\d\d_\w+\.")]
    private static partial Regex LayerName();
}
