using Subp.Compiler.Families.DirectConvolutions;
using Subp.Compiler.Families.StripeCopies;
using Subp.Compiler.Families.StripedConvolutions;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Costs;
using Subp.Compiler.Planning.Hints;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;
using Subp.Core.Text;
using Subp.Testing;
using Xunit;

namespace Subp.Compiler.Tests.Planning;

/// <summary>Which images lie in stripes of pixels is decided for the whole network, by cycles of layers and of conversions.</summary>
public sealed class LayoutChoiceTests
{
    [Fact]
    public void Short_blocks_go_to_stripes_and_each_value_is_converted_once()
    {
        var plan = Plan(Chain(4));
        Assert.All(Points(plan), layer => Assert.IsType<StripedConvolutionPlan>(layer));
        // The 3x3 in the middle reads and writes blocks; what goes in and what comes out of the network are blocks as well.
        Assert.Equal(
            ["image.blocked16.stripes16", "second.blocked16", "window.stripes16", "fourth.blocked16"],
            plan.Layers.OfType<StripeCopyPlan>().Select(layer => layer.Node.Name)
        );
    }

    [Fact]
    public void Long_blocks_stay_in_blocks() => Assert.All(Points(Plan(Chain(32))), layer => Assert.IsType<ConvolutionPlan>(layer));

    [Fact]
    public void One_layer_among_others_is_not_worth_two_conversions()
    {
        var graph = Network(
            new TensorShape(1, 16, 56, 56),
            (builder, image) => builder.Conv2d("point", image, 16, Window.Square(1), pattern: Pattern(8, 16, 16, 4))
        );
        var plan = Plan(graph);
        var point = Assert.Single(Points(plan));
        Assert.IsType<ConvolutionPlan>(point);
        // What competed is said all the same.
        Assert.Equal(["blocks", "stripes"], KernelExplanation.Of(plan, point).Algorithms.Select(kernel => kernel.Name));
        Assert.Equal([true, false], KernelExplanation.Of(plan, point).Algorithms.Select(kernel => kernel.IsChosen));
    }

    [Theory]
    [InlineData(8)]
    [InlineData(16)]
    public void No_other_choice_is_predicted_to_be_faster(int blockLength)
    {
        var graph = Chain(blockLength);
        string[] names = [.. Points(Plan(graph)).Select(layer => layer.Node.Name)];
        var chosen = Cycles(Plan(graph));
        for (var choice = 0; choice < 1 << names.Length; choice++)
        {
            var hints = PlanHints.Create();
            foreach (var (index, name) in names.Index())
                hints.Add(name, "layout", (choice >> index & 1) == 0 ? "blocks" : "stripes");
            // Stripes are to gain a tenth; and tiles over the ends of rows depend on the halos of neighbours, which costs of single layers
            // do not know.
            Assert.True(chosen < 1.1 * Cycles(Plan(graph, hints.Build())), $"choice {choice}");
        }
    }

    [Theory]
    [InlineData("window", "stripes", "a block-sparse 1x1 convolution of stride 1")]
    [InlineData("second", "planes", "one of blocks, stripes")]
    public void A_hint_that_no_layer_can_follow_is_refused(string node, string word, string expected)
    {
        var hints = PlanHints.Create().Add(node, "layout", word).Build();
        var refused = Assert.Throws<SubpException>(() => Plan(Chain(8), hints));
        Assert.Equal(DiagnosticDescriptors.InvalidHint, refused.Diagnostic.Descriptor);
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("form", "taps")]
    [InlineData("tile", "1x4")]
    [InlineData("algorithm", "direct")]
    public void A_hint_of_kernels_over_blocks_does_not_go_with_stripes(string key, string word)
    {
        var hints = PlanHints.Create().Add("second", "layout", "stripes").Add("second", key, word).Build();
        var refused = Assert.Throws<SubpException>(() => Plan(Chain(8), hints));
        Assert.Equal(DiagnosticDescriptors.InvalidHint, refused.Diagnostic.Descriptor);
        Assert.Contains($"beside {key}={word}", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Exact_sums_set_a_hint_aside_and_say_so()
    {
        var plan = ModelPlanner.Plan(
            Chain(4, new TensorShape(1, 512, 7, 7)),
            new CompileOptions { Precise = true, Hints = PlanHints.Create().Add("first", "layout", "stripes").Build() }
        );
        var first = plan.Layers.Single(layer => layer.Node.Name == "first");
        Assert.IsType<ConvolutionPlan>(first);
        Assert.StartsWith("hint layout=stripes set aside", first.ChoiceReason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_layer_over_stripes_has_no_other_kernels_to_tune()
    {
        var plan = Plan(Chain(4));
        var tuned = HintCandidates.Of(plan, InstructionSet.Avx512, most: 8).Select(layer => layer.Node);
        Assert.Equal(["window"], tuned);
    }

    [Fact]
    public void A_form_that_is_asked_for_keeps_blocks() =>
        Assert.All(
            Points(ModelPlanner.Plan(Chain(4), new CompileOptions { Unroll = UnrollMode.Never })),
            layer => Assert.IsType<ConvolutionPlan>(layer)
        );

    [Fact]
    public void Threads_never_touch_what_another_one_writes()
    {
        foreach (var (blockLength, shape) in new[] { (4, new TensorShape(1, 64, 14, 14)), (8, new TensorShape(3, 64, 7, 9)) })
        {
            var plan = ModelPlanner.Plan(Chain(blockLength, shape), new CompileOptions { ThreadCounts = [2, 3, 7] });
            Assert.Contains(plan.Layers, layer => layer is StripedConvolutionPlan);
            ArenaSimulation.Check(plan);
            foreach (var schedule in plan.Schedules)
                ScheduleReplay.Check(plan, schedule);
        }
    }

    private static double Cycles(ModelPlan plan) =>
        plan.Layers.Sum(layer => CostModel.Cycles(layer, InstructionSet.Avx512, MachineDescription.Standard));

    private static IEnumerable<LayerPlan> Points(ModelPlan plan) =>
        plan.Layers.Where(layer => layer.Node.Operator is Conv2d { Window.Kernel: { Height: 1, Width: 1 } });

    private static ModelPlan Plan(Graph graph, PlanHints? hints = null) =>
        ModelPlanner.Plan(graph, new CompileOptions { Hints = hints ?? PlanHints.Empty });

    private static Graph Chain(int blockLength) => Chain(blockLength, new TensorShape(1, 256, 28, 28));

    /// <summary>Two 1x1 layers, a 3x3, and two 1x1 layers with a residual around both pairs.</summary>
    private static Graph Chain(int blockLength, TensorShape shape) =>
        Network(
            shape,
            (builder, image) =>
            {
                var (wide, narrow) = (shape.Channels, shape.Channels / 2);
                string Point(string name, string input, int channels) =>
                    builder.Conv2d(
                        name,
                        input,
                        channels,
                        Window.Square(1),
                        bias: true,
                        pattern: Pattern(blockLength, channels, builder.ShapeOf(input).Channels, 4)
                    );
                var first = Point("first", image, wide);
                var second = Point("second", first, narrow);
                var window = builder.Conv2d(
                    "window",
                    second,
                    narrow,
                    Window.Square(3, padding: 1),
                    pattern: Pattern(16, narrow, narrow, 4)
                );
                var third = builder.Node("sum", new Add(), Point("third", window, wide), first);
                return Point("fourth", third, wide);
            }
        );

    private static Graph Network(TensorShape shape, Func<GraphBuilder, string, string> layers)
    {
        var builder = new GraphBuilder("net");
        builder.Output(layers(builder, builder.Input("image", shape)));
        return PassPipeline.Pack(RandomWeights.For(builder.Build(), seed: 1)).Graph;
    }

    /// <summary>Every group keeps one of some input channels.</summary>
    private static BlockPattern Pattern(int length, int outputs, int inputs, int oneOf) =>
        new(
            length,
            inputs,
            [
                .. Enumerable
                    .Range(0, outputs / length)
                    .Select(group => Enumerable.Range(0, inputs).Where(channel => (channel + group) % oneOf == 0).ToArray()),
            ]
        );
}
