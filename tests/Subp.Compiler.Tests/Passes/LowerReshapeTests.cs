using Subp.Compiler.Passes;
using Xunit;

namespace Subp.Compiler.Tests.Passes;

public sealed class LowerReshapeTests
{
    private static readonly LowerReshape s_pass = new();

    [Theory]
    [InlineData("[2,18]", "[2,2,3,3]", "node y: f32[2,2,3,3] = reshape(x) shape=[2,2,3,3]")]
    [InlineData("[2,2,3,3]", "[2,18]", "node y: f32[2,18] = flatten(x)")]
    [InlineData("[2,2,3,3]", "[1,36]", "node y: f32[1,36] = reshape(x) shape=[1,36]")]
    [InlineData("[1,36]", "[2,2,3,3]", "node y: f32[2,2,3,3] = reshape(x) shape=[2,2,3,3]")]
    public void What_one_copy_does_is_one_node(string source, string target, string node) =>
        s_pass.Becomes(
            $"input x: f32{source}\nnode y: f32{target} = reshape(x) shape={target}\noutput y",
            $"input x: f32{source}\n{node}\noutput y"
        );

    [Theory]
    [InlineData("[2,2,3,3]", "[2,3,6,1]", "node y.flat: f32[2,18] = flatten(x)")]
    [InlineData("[2,18]", "[4,9]", "node y.flat: f32[1,36] = reshape(x) shape=[1,36]")]
    [InlineData("[1,4,3,3]", "[2,2,3,3]", "node y.flat: f32[1,36] = flatten(x)")]
    public void Everything_else_goes_by_way_of_a_vector(string source, string target, string first) =>
        s_pass.Becomes(
            $"input x: f32{source}\nnode y: f32{target} = reshape(x) shape={target}\noutput y",
            $"input x: f32{source}\n{first}\nnode y: f32{target} = reshape(y.flat) shape={target}\noutput y"
        );

    [Fact]
    public void A_reshape_to_the_same_shape_disappears() =>
        s_pass.Becomes(
            """
            input x: f32[1,4]
            node y: f32[1,4] = reshape(x) shape=[1,4]
            output y
            """,
            """
            input x: f32[1,4]
            output x
            """
        );

    [Fact]
    public void A_second_output_of_one_value_becomes_a_copy() =>
        s_pass.Becomes(
            """
            input x: f32[1,4]
            node y: f32[1,4] = relu(x)
            node z: f32[1,4] = reshape(y) shape=[1,4]
            node w: f32[1,4] = reshape(z) shape=[1,4]
            output y
            output z
            output w
            """,
            """
            input x: f32[1,4]
            node y: f32[1,4] = relu(x)
            node z: f32[1,4] = slice(y) axis=1 begin=0 end=4
            node w: f32[1,4] = slice(z) axis=1 begin=0 end=4
            output y
            output z
            output w
            """
        );
}
