using Subp.Compiler.Passes;
using Xunit;

namespace Subp.Compiler.Tests.Passes;

public sealed class AssignLayoutsTests
{
    private static readonly AssignLayouts s_pass = new();

    [Fact]
    public void A_stem_of_few_channels_reads_its_input_planar_and_everything_else_is_blocked() =>
        s_pass.Becomes(
            """
            input image: f32[1,3,2,2]
            param w: f32[4,3,1,1]
            param head: f32[2,4]
            node conv: f32[1,4,2,2] = conv2d(image) weight=w kernel=[1,1]
            node mean: f32[1,4,1,1] = global_avg_pool(conv)
            node flat: f32[1,4] = flatten(mean)
            node logits: f32[1,2] = linear(flat) weight=head
            output logits
            """,
            """
            input image: f32[1,3,2,2]
            param w: f32[4,3,1,1]
            param head: f32[2,4]
            node image.planar: f32[1,3,2,2] @planar = change_layout(image)
            node conv: f32[1,4,2,2] @blocked16 = conv2d(image.planar) weight=w kernel=[1,1]
            node mean: f32[1,4,1,1] @blocked16 = global_avg_pool(conv)
            node flat: f32[1,4] = flatten(mean)
            node logits: f32[1,2] = linear(flat) weight=head
            node logits.nchw: f32[1,2] = change_layout(logits)
            output logits.nchw
            """
        );

    [Theory]
    [InlineData(9, "node end: f32[1,4,2,2] = conv2d(image) weight=w kernel=[1,1]", 9)]
    [InlineData(4, "node end: f32[1,4,2,2] = conv2d(image, image) weight=w kernel=[1,1]", 4)]
    [InlineData(4, "node end: f32[1,4,2,2] = conv2d(image) weight=w kernel=[1,1] groups=4", 1)]
    [InlineData(4, "node conv: f32[1,4,2,2] = conv2d(image) weight=w kernel=[1,1]\nnode end: f32[1,4,2,2] = add(conv, image)", 4)]
    public void Any_other_reader_makes_the_input_blocked(int channels, string nodes, int perGroup)
    {
        var graph = s_pass.Run(PassText.Parse($"input image: f32[1,{channels},2,2]\nparam w: f32[4,{perGroup},1,1]\n{nodes}\noutput end"));
        Assert.Equal(Core.Graphs.Layout.Blocked16, graph.LayoutOf("image.blocked16"));
    }

    [Fact]
    public void An_output_that_is_an_input_is_converted_twice() =>
        s_pass.Becomes(
            """
            input x: f32[1,4]
            output x
            """,
            """
            input x: f32[1,4]
            node x.nchw: f32[1,4] = change_layout(x)
            node x.nchw_: f32[1,4] = change_layout(x.nchw)
            output x.nchw_
            """
        );

    [Fact]
    public void The_names_of_conversions_avoid_those_of_the_network() =>
        s_pass.Becomes(
            """
            input x: f32[1,4]
            node x.nchw: f32[1,4] = relu(x)
            node x.nchw.nchw: f32[1,4] = relu(x.nchw)
            output x.nchw
            output x.nchw.nchw
            """,
            """
            input x: f32[1,4]
            node x.nchw_: f32[1,4] = change_layout(x)
            node x.nchw: f32[1,4] = relu(x.nchw_)
            node x.nchw.nchw: f32[1,4] = relu(x.nchw)
            node x.nchw.nchw_: f32[1,4] = change_layout(x.nchw)
            node x.nchw.nchw.nchw: f32[1,4] = change_layout(x.nchw.nchw)
            output x.nchw.nchw_
            output x.nchw.nchw.nchw
            """
        );
}
