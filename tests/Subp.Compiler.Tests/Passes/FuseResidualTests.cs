using Subp.Compiler.Passes;
using Xunit;

namespace Subp.Compiler.Tests.Passes;

public sealed class FuseResidualTests
{
    private const string Head = """
        input image: f32[1,4,2,2]
        param v: f32[4,4,1,1]
        param w: f32[4,4,1,1]

        """;

    private const string Bytes = """
        input image: u8(0.5,3)[1,4,2,2]
        param w: s8[4,4,1,1]
        param s: f32[4]

        """;

    private static readonly FuseResidual s_pass = new();

    [Theory]
    [InlineData("conv, image")]
    [InlineData("image, conv")]
    public void The_addition_moves_into_the_convolution_with_its_clamp(string operands) =>
        s_pass.Becomes(
            Head
                + $"""
                node conv: f32[1,4,2,2] = conv2d(image) weight=w kernel=[1,1]
                node sum: f32[1,4,2,2] = add({operands}) activation=relu
                node end: f32[1,4,2,2] = add(sum, image)
                output end
                """,
            Head
                + """
                node conv: f32[1,4,2,2] = conv2d(image, image) weight=w kernel=[1,1] activation=relu
                node end: f32[1,4,2,2] = add(conv, image)
                output end
                """
        );

    [Fact]
    public void The_later_of_two_convolutions_takes_the_other_as_residual() =>
        s_pass.Becomes(
            Head
                + """
                node left: f32[1,4,2,2] = conv2d(image) weight=v kernel=[1,1]
                node right: f32[1,4,2,2] = conv2d(image) weight=w kernel=[1,1]
                node sum: f32[1,4,2,2] = add(right, left)
                output sum
                """,
            Head
                + """
                node left: f32[1,4,2,2] = conv2d(image) weight=v kernel=[1,1]
                node sum: f32[1,4,2,2] = conv2d(image, left) weight=w kernel=[1,1]
                output sum
                """
        );

    [Fact]
    public void A_layer_that_reads_bytes_and_returns_floats_takes_no_floats() =>
        s_pass.LeavesAlone(
            """
            input image: f32[1,4,2,2]
            param w: s8[4,4,1,1]
            param s: f32[4]
            param b: s32[4]
            node bytes: u8(0.5,3)[1,4,2,2] = quantize(image)
            node conv: f32[1,4,2,2] = conv2d(bytes) weight=w weight_scale=s bias=b kernel=[1,1]
            node sum: f32[1,4,2,2] = add(conv, image)
            output sum
            """
        );

    [Fact]
    public void A_layer_of_bytes_goes_on_rounding_its_own_result_first() =>
        s_pass.Becomes(
            Bytes
                + """
                node conv: u8(0.25,9)[1,4,2,2] = conv2d(image) weight=w weight_scale=s kernel=[1,1]
                node sum: u8(0.75,5)[1,4,2,2] = add(image, conv) activation=relu
                output sum
                """,
            Bytes
                + "node sum: u8(0.75,5)[1,4,2,2] = conv2d(image, image) weight=w weight_scale=s kernel=[1,1] activation=relu "
                + "rounded_scale=0.25 rounded_zero=9\noutput sum\n"
        );

    [Fact]
    public void A_number_for_each_channel_is_no_residual() =>
        s_pass.LeavesAlone(
            Bytes
                + """
                node mean: u8(0.5,3)[1,4,1,1] = global_avg_pool(image)
                node conv: u8(0.25,9)[1,4,2,2] = conv2d(image) weight=w weight_scale=s kernel=[1,1]
                node sum: u8(0.75,5)[1,4,2,2] = add(conv, mean)
                output sum
                """
        );

    [Fact]
    public void A_chain_of_residuals_fuses_link_by_link() =>
        s_pass.Becomes(
            Head
                + """
                node first: f32[1,4,2,2] = conv2d(image) weight=v kernel=[1,1]
                node sum: f32[1,4,2,2] = add(first, image)
                node second: f32[1,4,2,2] = conv2d(sum) weight=w kernel=[1,1]
                node end: f32[1,4,2,2] = add(sum, second)
                output end
                """,
            Head
                + """
                node first: f32[1,4,2,2] = conv2d(image, image) weight=v kernel=[1,1]
                node end: f32[1,4,2,2] = conv2d(first, first) weight=w kernel=[1,1]
                output end
                """
        );

    [Theory]
    // The convolution has another reader, is an output, or its clamp comes before the addition.
    [InlineData("", "node sum: f32[1,4,2,2] = add(conv, image)\nnode end: f32[1,4,2,2] = add(sum, conv)\noutput end")]
    [InlineData("", "node sum: f32[1,4,2,2] = add(conv, image)\noutput conv\noutput sum")]
    [InlineData(" activation=relu", "node sum: f32[1,4,2,2] = add(conv, image)\noutput sum")]
    // A value added to itself would be computed twice.
    [InlineData("", "node sum: f32[1,4,2,2] = add(conv, conv)\noutput sum")]
    // The other operand comes later than the convolution.
    [InlineData("", "node pool: f32[1,4,2,2] = max_pool(image) kernel=[1,1]\nnode sum: f32[1,4,2,2] = add(conv, pool)\noutput sum")]
    public void An_addition_stays_where_it_cannot_move(string activation, string end) =>
        s_pass.LeavesAlone(
            Head
                + $"""
                node conv: f32[1,4,2,2] = conv2d(image) weight=w kernel=[1,1]{activation}
                {end}
                """
        );

    [Fact]
    public void A_depthwise_convolution_takes_no_residual() =>
        s_pass.LeavesAlone(
            """
            input image: f32[1,4,2,2]
            param w: f32[4,1,1,1]
            node conv: f32[1,4,2,2] = conv2d(image) weight=w kernel=[1,1] groups=4
            node sum: f32[1,4,2,2] = add(conv, image)
            output sum
            """
        );

    [Fact]
    public void A_convolution_that_has_a_residual_takes_no_second_one() =>
        s_pass.LeavesAlone(
            Head
                + """
                node conv: f32[1,4,2,2] = conv2d(image, image) weight=w kernel=[1,1]
                node sum: f32[1,4,2,2] = add(conv, image)
                output sum
                """
        );
}
