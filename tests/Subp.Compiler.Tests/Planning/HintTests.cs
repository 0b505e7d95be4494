using Subp.Compiler.Emission;
using Subp.Compiler.Families.DirectConvolutions;
using Subp.Compiler.Planning;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;
using Subp.Core.Text;
using Xunit;

namespace Subp.Compiler.Tests.Planning;

public sealed class HintTests
{
    [Theory]
    [InlineData("algorithm", "winograd4", "f32_spconv3x3s1wino4_n16_")]
    [InlineData("algorithm", "winograd2", "f32_spconv3x3s1wino2_n16_")]
    [InlineData("algorithm", "direct", "f32_spconv3x3s1taps_n16_")]
    [InlineData("form", "line", "f32_spconv3x3s1line_n16_")]
    [InlineData("form", "taps", "f32_spconv3x3s1taps_n16_")]
    [InlineData("form", "table", "f32_spconv3x3s1table_n16_")]
    [InlineData("tile", "1x3", "f32_spconv3x3s1taps_n16_t3x1_relu_avx512")]
    [InlineData("tile.avx512", "2x4", "f32_spconv3x3s1taps_n16_t8x1_relu_avx512")]
    public void The_kernel_is_the_one_that_the_hint_asks_for(string key, string word, string kernel) =>
        Assert.StartsWith(kernel, Layer(Hint(key, word)).KernelName(InstructionSet.Avx512), StringComparison.Ordinal);

    [Theory]
    [InlineData("groups", true)]
    [InlineData("bands", false)]
    public void The_order_of_loops_is_the_one_that_the_hint_asks_for(string word, bool groupOutside)
    {
        Assert.Equal(groupOutside, Assert.IsType<ConvolutionPlan>(Layer(Hint("loop", word))).GroupOutside);
    }

    [Fact]
    public void A_hint_for_one_instruction_set_binds_no_other()
    {
        var own = Assert.IsType<ConvolutionPlan>(Layer(Hint("tile.avx2", "1x3")));
        var planner = Assert.IsType<ConvolutionPlan>(Layer(Hint("algorithm", "direct")));
        Assert.Equal((1, 3), (own.Kernel(InstructionSet.Avx2).Tile.Rows, own.Kernel(InstructionSet.Avx2).Tile.Columns));
        Assert.Equal(planner.Kernel(InstructionSet.Avx512), own.Kernel(InstructionSet.Avx512));
        Assert.Equal(planner.Kernel(InstructionSet.Portable), own.Kernel(InstructionSet.Portable));
    }

    [Fact]
    public void The_layer_says_that_a_hint_chose_its_kernel() =>
        Assert.Equal(
            "hint form=taps tile.avx512=2x4",
            Layer(PlanHints.Create().Add("conv", "tile.avx512", "2x4").Add("conv", "form", "taps").Build()).ChoiceReason
        );

    [Fact]
    public void A_form_that_is_asked_for_sets_hints_aside()
    {
        var layer = Layer(Hint("algorithm", "winograd4"), new CompileOptions { Unroll = UnrollMode.Never });
        Assert.StartsWith("f32_spconv3x3s1table_", layer.KernelName(InstructionSet.Avx512), StringComparison.Ordinal);
        Assert.Equal("hint algorithm=winograd4 set aside, since a form was asked for", layer.ChoiceReason);
    }

    [Fact]
    public void A_precise_network_sets_large_Winograd_tiles_aside()
    {
        var layer = Layer(Hint("algorithm", "winograd4"), new CompileOptions { Precise = true });
        Assert.DoesNotContain("wino4", layer.KernelName(InstructionSet.Avx512), StringComparison.Ordinal);
        Assert.StartsWith("hint algorithm=winograd4 set aside", layer.ChoiceReason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_layer_that_the_Winograd_domain_is_closed_to_says_why()
    {
        Assert.Null(Layer(PlanHints.Empty).ChoiceReason);
        Assert.Equal(
            "computed directly: the transform of the output leaves no registers for silu",
            Layer(PlanHints.Empty, activation: Activation.Silu).ChoiceReason
        );
    }

    [Fact]
    public void The_same_hints_give_the_same_code_and_others_give_other_code()
    {
        Assert.Equal(Emit("2x4"), Emit("2x4"));
        Assert.NotEqual(Emit("2x4"), Emit("2x5"));
    }

    [Theory]
    [InlineData("konv", "form", "taps", "a node that is no layer of the compiled network")]
    [InlineData("pool", "form", "taps", "a hint for max_pool")]
    [InlineData("conv", "shape", "taps", "the key 'shape'")]
    [InlineData("conv", "form", "tapes", "form=tapes")]
    [InlineData("conv", "algorithm", "fft", "algorithm=fft")]
    [InlineData("conv", "tile", "2by7", "tile=2by7")]
    [InlineData("conv", "tile", "0x7", "tile=0x7")]
    [InlineData("conv", "tile.avx512", "4x14", "a tile of 4x14 pixels for avx512")]
    [InlineData("conv", "tile.avx512", "1x29", "a tile of 1x29 pixels for avx512")]
    [InlineData("conv", "tile.avx2", "3x1", "a tile of 3x1 pixels for avx2")]
    [InlineData("strided", "algorithm", "winograd4", "algorithm=winograd4, but it is another kind of convolution")]
    [InlineData("strided", "form", "taps", "form=taps for a weight without pruned 1xN blocks")]
    public void A_hint_that_does_not_fit_is_refused(string node, string key, string word, string found)
    {
        var error = Assert.Throws<SubpException>(() => Layer(PlanHints.Create().Add(node, key, word).Build())).Diagnostic;
        Assert.Equal("SUBP0605", error.Descriptor.Id);
        Assert.Equal($"hint of '{node}'", error.Location);
        Assert.Equal(found, error.Found);
    }

    [Fact]
    public void Hints_that_contradict_each_other_are_refused()
    {
        var hints = PlanHints.Create().Add("conv", "algorithm", "winograd4").Add("conv", "tile", "2x4").Build();
        Assert.Equal("algorithm=winograd4 beside tile=2x4", Assert.Throws<SubpException>(() => Layer(hints)).Diagnostic.Found);
        hints = PlanHints.Create().Add("conv", "form", "line").Add("conv", "loop", "bands").Build();
        Assert.Equal("bands as the outer loop of straight-line code", Assert.Throws<SubpException>(() => Layer(hints)).Diagnostic.Found);
    }

    [Fact]
    public void A_transform_cannot_be_asked_for_where_the_activation_has_no_room()
    {
        var error = Assert.Throws<SubpException>(() => Layer(Hint("algorithm", "winograd4"), activation: Activation.Silu));
        Assert.StartsWith("algorithm=winograd4, but the transform of the output", error.Diagnostic.Found, StringComparison.Ordinal);
    }

    private static PlanHints Hint(string key, string word) => PlanHints.Create().Add("conv", key, word).Build();

    private static LayerPlan Layer(PlanHints hints, CompileOptions? options = null, Activation? activation = null) =>
        ModelPlanner
            .Plan(Network(activation ?? Activation.Relu), (options ?? new CompileOptions()) with { Hints = hints })
            .Layers.Single(layer => layer.Node.Name == "conv");

    private static string Emit(string tile) =>
        string.Concat(
            ModelEmitter
                .Emit(ModelPlanner.Plan(Network(Activation.Relu), new CompileOptions { Hints = Hint("tile.avx512", tile) }))
                .Select(file => file.Text)
        );

    private static Graph Network(Activation activation)
    {
        var builder = new GraphBuilder("net");
        var image = builder.Input("image", new TensorShape(1, 32, 28, 28));
        var pattern = new BlockPattern(16, 32, [.. Enumerable.Repeat(Enumerable.Range(5, 20).ToArray(), 4)]);
        var value = builder.Conv2d("conv", image, 64, Window.Square(3, padding: 1), bias: true, pattern: pattern, activation: activation);
        value = builder.Conv2d("strided", value, 32, Window.Square(3, 2, 1), bias: true);
        builder.Output(builder.Node("pool", new Pool2d { Kind = PoolKind.Maximum, Window = Window.Square(2, 2) }, value));
        return builder.Build();
    }
}
