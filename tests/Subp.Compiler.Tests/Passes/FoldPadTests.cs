using Subp.Compiler.Passes;
using Xunit;

namespace Subp.Compiler.Tests.Passes;

public sealed class FoldPadTests
{
    private const string Pad = "node p: f32[1,4,8,8] = pad(x) pads=[1,1,1,1]\n";

    [Fact]
    public void Zeros_fold_into_a_convolution() =>
        new FoldPad().Becomes(
            "input x: f32[1,4,6,6]\nparam w: f32[2,4,3,3]\n"
                + Pad
                + "node y: f32[1,2,8,8] = conv2d(p) weight=w kernel=[3,3] pads=[1,1,1,1]\noutput y",
            "input x: f32[1,4,6,6]\nparam w: f32[2,4,3,3]\nnode y: f32[1,2,8,8] = conv2d(x) weight=w kernel=[3,3] pads=[2,2,2,2]\noutput y"
        );

    [Fact]
    public void Zeros_fold_into_an_average_that_then_counts_them() =>
        new FoldPad().Becomes(
            "input x: f32[1,4,6,6]\n" + Pad + "node y: f32[1,4,6,6] = avg_pool(p) kernel=[3,3]\noutput y",
            "input x: f32[1,4,6,6]\nnode y: f32[1,4,6,6] = avg_pool(x) kernel=[3,3] pads=[1,1,1,1] count_include_pad=1\noutput y"
        );

    [Fact]
    public void Zeros_behind_a_ReLU_fold_into_a_maximum() =>
        new FoldPad().Becomes(
            "input i: f32[1,4,6,6]\nnode x: f32[1,4,6,6] = relu(i)\n" + Pad + "node y: f32[1,4,6,6] = max_pool(p) kernel=[3,3]\noutput y",
            "input i: f32[1,4,6,6]\nnode x: f32[1,4,6,6] = relu(i)\nnode y: f32[1,4,6,6] = max_pool(x) kernel=[3,3] "
                + "pads=[1,1,1,1]\noutput y"
        );

    [Theory]
    [InlineData("max_pool(p) kernel=[3,3]", 6)]
    [InlineData("avg_pool(p) kernel=[1,1]", 8)]
    [InlineData("avg_pool(p) kernel=[3,3] pads=[1,1,1,1]", 8)]
    public void A_padding_that_would_change_the_result_stays(string operation, int extent) =>
        new FoldPad().LeavesAlone($"input x: f32[1,4,6,6]\n{Pad}node y: f32[1,4,{extent},{extent}] = {operation}\noutput y");

    [Fact]
    public void Another_constant_than_zero_stays_in_front_of_a_convolution() =>
        new FoldPad().LeavesAlone(
            "input x: f32[1,4,6,6]\nparam w: f32[2,4,3,3]\nnode p: f32[1,4,8,8] = pad(x) pads=[1,1,1,1] value=0.5\n"
                + "node y: f32[1,2,6,6] = conv2d(p) weight=w kernel=[3,3]\noutput y"
        );

    [Fact]
    public void A_padding_that_something_else_reads_stays_for_that() =>
        new FoldPad().Becomes(
            "input x: f32[1,4,6,6]\nparam w: f32[4,4,1,1]\n"
                + Pad
                + "node c: f32[1,4,8,8] = conv2d(p) weight=w kernel=[1,1]\nnode y: f32[1,4,8,8] = add(c, p)\noutput y",
            "input x: f32[1,4,6,6]\nparam w: f32[4,4,1,1]\n"
                + Pad
                + "node c: f32[1,4,8,8] = conv2d(x) weight=w kernel=[1,1] pads=[1,1,1,1]\nnode y: f32[1,4,8,8] = add(c, p)\noutput y"
        );
}
