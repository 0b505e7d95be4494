using Subp.Compiler.Passes;
using Xunit;

namespace Subp.Compiler.Tests.Passes;

public sealed class FuseActivationTests
{
    private const string Head = """
        input image: f32[1,4,2,2]
        param w: f32[4,4,1,1]

        """;

    private static readonly FuseActivation s_pass = new();

    [Fact]
    public void A_clamp_moves_into_the_convolution_before_it() =>
        s_pass.Becomes(
            Head
                + """
                node conv: f32[1,4,2,2] = conv2d(image) weight=w kernel=[1,1]
                node act: f32[1,4,2,2] = relu(conv)
                node sum: f32[1,4,2,2] = add(act, image)
                output sum
                """,
            Head
                + """
                node conv: f32[1,4,2,2] = conv2d(image) weight=w kernel=[1,1] activation=relu
                node sum: f32[1,4,2,2] = add(conv, image)
                output sum
                """
        );

    [Fact]
    public void An_output_keeps_its_name() =>
        s_pass.Becomes(
            Head
                + """
                node conv: f32[1,4,2,2] = conv2d(image) weight=w kernel=[1,1]
                node act: f32[1,4,2,2] = clip(conv) minimum=-1 maximum=2.5
                output act
                """,
            Head
                + """
                node act: f32[1,4,2,2] = conv2d(image) weight=w kernel=[1,1] activation=clip minimum=-1 maximum=2.5
                output act
                """
        );

    [Fact]
    public void Additions_and_linear_layers_take_a_clamp_too() =>
        s_pass.Becomes(
            """
            input features: f32[2,4]
            param w: f32[4,4]
            node linear: f32[2,4] = linear(features) weight=w
            node act: f32[2,4] = relu(linear)
            node sum: f32[2,4] = add(act, features)
            node end: f32[2,4] = clip(sum) minimum=0 maximum=6
            output end
            """,
            """
            input features: f32[2,4]
            param w: f32[4,4]
            node linear: f32[2,4] = linear(features) weight=w activation=relu
            node end: f32[2,4] = add(linear, features) activation=relu6
            output end
            """
        );

    [Fact]
    public void Products_and_normalisations_take_smooth_activations() =>
        s_pass.Becomes(
            """
            input x: f32[2,4]
            param a: f32[4]
            node norm: f32[2,4] = batch_norm(x) scale=a shift=a mean=a variance=a
            node swish: f32[2,4] = silu(norm)
            node product: f32[2,4] = mul(swish, x)
            node end: f32[2,4] = hard_sigmoid(product) alpha=0.25
            output end
            """,
            """
            input x: f32[2,4]
            param a: f32[4]
            node norm: f32[2,4] = batch_norm(x) scale=a shift=a mean=a variance=a activation=silu
            node end: f32[2,4] = mul(norm, x) activation=hard_sigmoid alpha=0.25
            output end
            """
        );

    [Fact]
    public void Only_the_first_of_two_clamps_moves() =>
        s_pass.Becomes(
            Head
                + """
                node conv: f32[1,4,2,2] = conv2d(image) weight=w kernel=[1,1]
                node first: f32[1,4,2,2] = relu(conv)
                node second: f32[1,4,2,2] = clip(first) minimum=-inf maximum=3
                output second
                """,
            Head
                + """
                node conv: f32[1,4,2,2] = conv2d(image) weight=w kernel=[1,1] activation=relu
                node second: f32[1,4,2,2] = clip(conv) maximum=3
                output second
                """
        );

    [Theory]
    // A second reader needs the value before the clamp.
    [InlineData("node other: f32[1,4,2,2] = add(conv, act)\noutput other", "")]
    // So does the caller, where the value is an output.
    [InlineData("output conv\noutput act", "")]
    // A clamp of a clamped value is another clamp.
    [InlineData("output act", " activation=relu6")]
    public void A_clamp_stays_where_it_cannot_move(string end, string activation) =>
        s_pass.LeavesAlone(
            Head
                + $"""
                node conv: f32[1,4,2,2] = conv2d(image) weight=w kernel=[1,1]{activation}
                node act: f32[1,4,2,2] = relu(conv)
                {end}
                """
        );

    [Fact]
    public void A_clamp_behind_a_pool_stays() =>
        s_pass.LeavesAlone(
            """
            input image: f32[1,4,2,2]
            node pool: f32[1,4,1,1] = max_pool(image) kernel=[2,2]
            node act: f32[1,4,1,1] = relu(pool)
            output act
            """
        );

    [Fact]
    public void A_layer_of_bytes_that_returns_floats_takes_clamps_and_no_other_function()
    {
        const string Layer = """
            input image: u8(0.5,3)[1,4,2,2]
            param w: s8[4,4,1,1]
            param s: f32[4]
            node conv: f32[1,4,2,2] = conv2d(image) weight=w weight_scale=s kernel=[1,1]
            """;
        s_pass.LeavesAlone(Layer + "\nnode act: f32[1,4,2,2] = sigmoid(conv)\noutput act");
        s_pass.Becomes(
            Layer + "\nnode act: f32[1,4,2,2] = relu(conv)\nnode sum: f32[1,4,2,2] = add(act, act)\noutput sum",
            Layer + " activation=relu\nnode sum: f32[1,4,2,2] = add(conv, conv)\noutput sum"
        );
    }
}
