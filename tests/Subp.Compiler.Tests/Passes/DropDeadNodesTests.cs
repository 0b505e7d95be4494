using Subp.Compiler.Passes;
using Xunit;

namespace Subp.Compiler.Tests.Passes;

public sealed class DropDeadNodesTests
{
    private static readonly DropDeadNodes s_pass = new();

    [Fact]
    public void A_chain_that_reaches_no_output_goes() =>
        s_pass.Becomes(
            """
            input image: f32[1,4,2,2]
            node used: f32[1,4,2,2] = relu(image)
            node dead: f32[1,4,2,2] = relu(used)
            node deader: f32[1,4,2,2] = add(dead, image)
            output used
            """,
            """
            input image: f32[1,4,2,2]
            node used: f32[1,4,2,2] = relu(image)
            output used
            """
        );

    [Fact]
    public void What_any_output_needs_stays() =>
        s_pass.LeavesAlone(
            """
            input image: f32[1,4,2,2]
            node first: f32[1,4,2,2] = relu(image)
            node second: f32[1,4,2,2] = add(first, image)
            output first
            output second
            """
        );
}
