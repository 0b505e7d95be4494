using Subp.Compiler.Planning;
using Subp.Compiler.Tests.Passes;
using Subp.Core.Operators;
using Subp.Testing;
using Xunit;

namespace Subp.Compiler.Tests.Planning;

public sealed class ArenaTests
{
    private const string Input = "input x: f32[1,16,8,8]\n";

    [Fact]
    public void Every_step_of_a_network_finds_its_operands_as_they_were_written()
    {
        for (var seed = 0; seed < 60; seed++)
            ArenaSimulation.Check(
                ModelPlanner.Plan(PassPipeline.Pack(RandomGraph.Create(seed)).Graph, new CompileOptions { Unroll = (UnrollMode)(seed % 4) })
            );
    }

    [Fact]
    public void An_element_wise_step_writes_over_an_operand_that_dies() => Assert.Equal(Offset(Clips, "a"), Offset(Clips, "b"));

    [Fact]
    public void An_operand_that_is_read_later_is_not_written_over()
    {
        const string Text =
            Input
            + "node a: f32[1,16,8,8] = clip(x) minimum=-1\nnode b: f32[1,16,8,8] = clip(a) maximum=2\n"
            + "node c: f32[1,16,8,8] = add(b, a)\noutput c";
        Assert.NotEqual(Offset(Text, "a"), Offset(Text, "b"));
        Assert.Contains(Offset(Text, "c"), new[] { Offset(Text, "a"), Offset(Text, "b") });
    }

    [Fact]
    public void Values_that_share_memory_share_the_halo_of_all_their_readers()
    {
        const string Text =
            Input
            + "param w: f32[16,16,3,3]\nnode a: f32[1,16,8,8] = clip(x) minimum=-1\nnode b: f32[1,16,8,8] = clip(a) maximum=2\n"
            + "node c: f32[1,16,8,8] = conv2d(b) weight=w kernel=[3,3] pads=[1,1,1,1]\noutput c";
        var plan = Plan(Text);
        Assert.Equal(new Halo(1, 1, 1, 1), plan.Buffers.Single(buffer => buffer.Value == "a").Halo);
        Assert.Equal(Offset(Text, "a"), Offset(Text, "b"));
    }

    [Theory]
    [InlineData(UnrollMode.Taps, 31, true)]
    [InlineData(UnrollMode.Full, 6, true)]
    [InlineData(UnrollMode.Full, 31, false)]
    public void A_convolution_writes_over_its_residual_where_it_computes_no_column_twice(UnrollMode unroll, int width, bool expected)
    {
        var text =
            $"input x: f32[1,16,8,{width}]\nparam w: f32[16,16,1,1]\nparam v: f32[16,16,1,1] sparse 1x16\n  group 0: 1 2\n"
            + $"node a: f32[1,16,8,{width}] = conv2d(x) weight=w kernel=[1,1]\nnode b: f32[1,16,8,{width}] = conv2d(a) weight=v "
            + "kernel=[1,1]\n"
            + $"node c: f32[1,16,8,{width}] = add(b, x)\noutput c";
        var layer = Plan(text, unroll).Layers.Single(layer => layer.Inputs.Count == 2);
        Assert.IsType<Conv2d>(layer.Node.Operator);
        Assert.Equal(expected, layer.Output!.Offset == layer.Inputs[1]!.Offset);
    }

    [Fact]
    public void Concatenated_values_of_whole_blocks_are_written_to_their_places()
    {
        const string Text =
            Input
            + "param w: f32[32,16,1,1]\nnode a: f32[1,32,8,8] = conv2d(x) weight=w kernel=[1,1]\nparam v: f32[20,16,1,1]\n"
            + "node b: f32[1,20,8,8] = conv2d(x) weight=v kernel=[1,1]\nnode c: f32[1,52,8,8] = concat(a, b)\noutput c";
        var plan = Plan(Text);
        var whole = plan.Buffers.Single(buffer => buffer.Value == "c");
        Assert.DoesNotContain(plan.Layers, layer => layer.Node.Name == "c");
        Assert.Equal(whole.Offset, Offset(Text, "a"));
        Assert.Equal(whole.Offset + (2 * whole.PlaneStride), Offset(Text, "b"));
    }

    [Fact]
    public void Concatenations_that_grow_share_one_buffer()
    {
        const string Text =
            Input
            + "param w: f32[16,16,1,1]\nparam v: f32[16,32,1,1]\nnode a: f32[1,16,8,8] = conv2d(x) weight=w kernel=[1,1]\n"
            + "node c: f32[1,32,8,8] = concat(x, a)\nnode b: f32[1,16,8,8] = conv2d(c) weight=v kernel=[1,1]\n"
            + "node d: f32[1,48,8,8] = concat(x, a, b)\noutput d";
        Assert.Equal(Offset(Text, "d"), Offset(Text, "c"));
        Assert.DoesNotContain(Plan(Text).Layers, layer => layer.Node.Operator is Concat);
    }

    [Theory]
    [InlineData("concat(x, x)", 32)]
    [InlineData("slice(x) axis=1 begin=4 end=12", 8)]
    [InlineData("channel_shuffle(x) groups=4", 16)]
    public void Channels_that_do_not_line_up_are_copied(string operation, int channels) =>
        Assert.Contains(Plan($"{Input}node y: f32[1,{channels},8,8] = {operation}\noutput y").Layers, layer => layer.Node.Name == "y");

    [Fact]
    public void A_slice_of_whole_blocks_is_a_view() =>
        Assert.DoesNotContain(
            Plan("input x: f32[1,48,8,8]\nnode y: f32[1,20,8,8] = slice(x) axis=1 begin=16 end=36\noutput y").Layers,
            layer => layer.Node.Name == "y"
        );

    private static readonly string Clips =
        Input + "node a: f32[1,16,8,8] = clip(x) minimum=-1\nnode b: f32[1,16,8,8] = clip(a) maximum=2\noutput b";

    private static int Offset(string text, string value) => Plan(text).Buffers.Single(buffer => buffer.Value == value).Offset;

    private static ModelPlan Plan(string text, UnrollMode unroll = UnrollMode.Auto) =>
        ModelPlanner.Plan(PassText.Parse(text), new CompileOptions { Unroll = unroll });
}
