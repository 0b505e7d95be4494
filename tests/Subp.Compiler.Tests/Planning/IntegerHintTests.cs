using Subp.Compiler.Families.IntegerConvolutions;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Hints;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Text;
using Subp.Testing;
using Xunit;

namespace Subp.Compiler.Tests.Planning;

/// <summary>Hints for layers of bytes, which say how their work is cut.</summary>
public sealed class IntegerHintTests
{
    [Fact]
    public void A_band_has_the_rows_that_the_hint_asks_for()
    {
        Assert.NotEqual(5, Layer(PlanHints.Empty).BandRows);
        var layer = Layer(Hint("conv", "band", "5"));
        Assert.Equal((5, 6), (layer.BandRows, layer.Bands));
        Assert.Equal("hint band=5", layer.ChoiceReason);
    }

    [Fact]
    public void A_tile_has_at_most_the_pixels_that_the_hint_of_its_instruction_set_asks_for()
    {
        var layer = Layer(Hint("conv", "tile.avx512", "1x3"));
        Assert.Equal(3, new QuadVectors(InstructionSet.Avx512, ProductMode.Dot).MostPixels(layer));
        Assert.Equal(6, new QuadVectors(InstructionSet.Avx512, ProductMode.Dot).RegisterPixels(layer));
        Assert.Equal(4, new QuadVectors(InstructionSet.Avx2, ProductMode.Narrow).MostPixels(layer));
        Assert.Equal(2, new QuadVectors(InstructionSet.Avx2, ProductMode.Narrow).MostPixels(Layer(Hint("conv", "tile", "1x2"))));
    }

    [Fact]
    public void A_form_that_is_asked_for_sets_hints_aside()
    {
        var layer = Layer(Hint("conv", "band", "5"), new CompileOptions { Unroll = UnrollMode.Never });
        Assert.Equal(Layer(PlanHints.Empty).BandRows, layer.BandRows);
        Assert.Equal("hint band=5 set aside, since a form was asked for", layer.ChoiceReason);
    }

    [Theory]
    [InlineData("conv", "band", "29", "a band of 29 rows")]
    [InlineData("conv", "band", "0", "band=0")]
    [InlineData("conv", "band", "-3", "band=-3")]
    [InlineData("conv", "band", "all", "band=all")]
    [InlineData("conv", "tile", "2x3", "a tile of 2x3 pixels for avx512")]
    [InlineData("conv", "tile.avx512", "1x15", "a tile of 1x15 pixels for avx512")]
    [InlineData("conv", "algorithm", "direct", "the key 'algorithm'")]
    [InlineData("depthwise", "band", "2", "a hint for conv2d")]
    [InlineData("pool", "band", "2", "a hint for max_pool")]
    public void A_hint_that_does_not_fit_is_refused(string node, string key, string word, string found)
    {
        var error = Assert.Throws<SubpException>(() => Layer(Hint(node, key, word))).Diagnostic;
        Assert.Equal("SUBP0605", error.Descriptor.Id);
        Assert.Equal($"hint of '{node}'", error.Location);
        Assert.Equal(found, error.Found);
    }

    [Fact]
    public void Every_alternative_is_another_cut_that_the_planner_obeys()
    {
        var plan = Plan(PlanHints.Empty, new CompileOptions());
        var layers = HintCandidates.Of(plan, InstructionSet.Avx512, most: 100);
        Assert.Equal(["conv", "point"], layers.Select(layer => layer.Node));
        foreach (var layer in layers)
        {
            var planned = Layer(PlanHints.Empty, node: layer.Node);
            Assert.NotEmpty(layer.Candidates);
            Assert.Equal(layer.Candidates.Count, layer.Candidates.Select(candidate => candidate.ToString()).Distinct().Count());
            foreach (var candidate in layer.Candidates)
            {
                var hints = PlanHints.Create();
                foreach (var hint in candidate.Hints)
                    hints.Add(layer.Node, hint.Key, hint.Value);
                var own = Layer(hints.Build(), node: layer.Node);
                Assert.NotEqual(Cut(planned), Cut(own));
            }
        }
    }

    private static (int Rows, int Pixels) Cut(IntegerConvolutionPlan layer) =>
        (layer.BandRows, new QuadVectors(InstructionSet.Avx512, ProductMode.Dot).MostPixels(layer));

    private static PlanHints Hint(string node, string key, string word) => PlanHints.Create().Add(node, key, word).Build();

    private static IntegerConvolutionPlan Layer(PlanHints hints, CompileOptions? options = null, string node = "conv") =>
        Assert.IsType<IntegerConvolutionPlan>(Plan(hints, options ?? new CompileOptions()).Layers.Single(layer => layer.Node.Name == node));

    private static ModelPlan Plan(PlanHints hints, CompileOptions options) =>
        ModelPlanner.Plan(QuantizedGraph.Of(Network(), seed: 1), options with { Hints = hints });

    private static Graph Network()
    {
        var builder = new GraphBuilder("net");
        var value = builder.Input("image", new TensorShape(1, 32, 28, 28));
        value = builder.Conv2d("conv", value, 64, Window.Square(3, padding: 1), pattern: DrawnPattern.Uniform(16, 64, 32, 20));
        value = builder.Conv2d("depthwise", value, 64, Window.Square(3, padding: 1), groups: 64);
        value = builder.Conv2d("point", value, 64, Window.Square(1), pattern: DrawnPattern.Uniform(16, 64, 64, 9));
        builder.Output(builder.Node("pool", new Pool2d { Kind = PoolKind.Maximum, Window = Window.Square(2, 2) }, value));
        return builder.Build();
    }
}
