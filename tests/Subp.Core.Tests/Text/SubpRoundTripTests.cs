using System.Globalization;
using Subp.Core.Graphs;
using Subp.Core.Text;
using Xunit;

namespace Subp.Core.Tests.Text;

public class SubpRoundTripTests
{
    private static readonly string WeightsHash = new('a', 64);

    [Fact]
    public void Every_operator_survives_printing_and_parsing_byte_for_byte()
    {
        var hints = PlanHints.Create().Add("sparse", "form", "table").Add("sparse", "tile", "1x28").Add("a b", "isa", "avx512").Build();
        var text = SubpPrinter.Print(new SubpDocument(SampleGraphs.Everything(), WeightsHash, hints));
        var document = SubpParser.Parse(text, "sample.subp");
        Assert.Equal(text, SubpPrinter.Print(document));
        Assert.Equal(WeightsHash, document.WeightsHash);
        Assert.Equal("table", document.Hints.Find("sparse", "form"));
    }

    [Fact]
    public void Parsing_gives_back_equal_parts()
    {
        var graph = SampleGraphs.Everything();
        var parsed = SubpParser.Parse(SubpPrinter.Print(graph), "sample.subp").Graph;
        Assert.Equal(graph.Name, parsed.Name);
        Assert.Equal(graph.Metadata.ClassNames, parsed.Metadata.ClassNames);
        Assert.Equal(graph.Metadata.NormalizationMean, parsed.Metadata.NormalizationMean);
        Assert.Equal(graph.Metadata.NormalizationDeviation, parsed.Metadata.NormalizationDeviation);
        Assert.Equal(graph.Inputs, parsed.Inputs);
        Assert.Equal(graph.Parameters, parsed.Parameters);
        Assert.Equal(graph.Outputs, parsed.Outputs);
        Assert.Equal(
            graph.Nodes.Select(node => (node.Name, node.Operator, node.Shape, node.Layout, string.Join("|", node.Inputs))),
            parsed.Nodes.Select(node => (node.Name, node.Operator, node.Shape, node.Layout, string.Join("|", node.Inputs)))
        );
    }

    [Fact]
    public void The_culture_of_the_machine_has_no_influence()
    {
        var expected = SubpPrinter.Print(SampleGraphs.Everything());
        var culture = CultureInfo.CurrentCulture;
        try
        {
            // Finnish writes the minus sign as U+2212 and the decimal point as a comma.
            CultureInfo.CurrentCulture = new CultureInfo("fi-FI")
            {
                NumberFormat = { NegativeSign = "\u2212", NumberDecimalSeparator = "," },
            };
            Assert.Equal(expected, SubpPrinter.Print(SubpParser.Parse(SubpPrinter.Print(SampleGraphs.Everything()), "sample.subp")));
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    [Fact]
    public void Comments_blank_lines_tabs_and_windows_line_ends_are_accepted()
    {
        var text = SubpPrinter.Print(SampleGraphs.OneSparseConvolution());
        var lax = "\uFEFF# a comment\r\n\r\n" + text.Replace("\n", "\t # \"comment\"\r\n\r\n");
        Assert.Equal(text, SubpPrinter.Print(SubpParser.Parse(lax, "sample.subp")));
    }

    [Fact]
    public void The_structure_hash_ignores_name_metadata_and_layouts()
    {
        var graph = SampleGraphs.Everything();
        var other = graph.With(
            name: "other",
            metadata: ModelMetadata.Empty,
            nodes: [.. graph.Nodes.Select(node => node with { Layout = Layout.Nchw })]
        );
        Assert.Equal(StructureHash.Compute(graph), StructureHash.Compute(other));
    }

    [Fact]
    public void The_structure_hash_changes_with_any_other_part()
    {
        var graph = SampleGraphs.Everything();
        var hashes = new[]
        {
            graph,
            graph.With(outputs: ["logits"]),
            graph.WithDenseParameters(),
            graph.With(inputs: [new GraphInput("image", new TensorShape(2, 3, 9, 11))]),
            graph.With(nodes: [.. graph.Nodes.Take(3)]),
        }.Select(StructureHash.Compute);
        Assert.Equal(5, hashes.Distinct().Count());
    }

    [Fact]
    public void Hints_print_in_order_whatever_the_order_of_adding()
    {
        var graph = SampleGraphs.OneSparseConvolution();
        var forward = PlanHints.Create().Add("a", "x", "1").Add("b", "y", "2").Add("a", "b", "3").Build();
        var backward = PlanHints.Create().Add("a", "b", "3").Add("b", "y", "2").Add("a", "x", "1").Build();
        var text = SubpPrinter.Print(new SubpDocument(graph, null, forward));
        Assert.Equal(text, SubpPrinter.Print(new SubpDocument(graph, null, backward)));
        Assert.EndsWith("hint a b=3 x=1\nhint b y=2\n", text);
    }
}
