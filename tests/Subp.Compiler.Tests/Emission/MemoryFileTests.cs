using Subp.Compiler.Emission;
using Subp.Compiler.Planning;
using Subp.Compiler.Tests.Passes;
using Xunit;

namespace Subp.Compiler.Tests.Emission;

public sealed class MemoryFileTests
{
    [Fact]
    public void Names_are_those_of_values_with_a_number_where_one_is_taken()
    {
        var text = Emit(
            """
            input x: f32[1,16,4,4]
            node a.b: f32[1,16,4,4] = relu(x)
            node a_b: f32[1,16,4,4] = sigmoid(a.b)
            node equals: f32[1,16,4,4] = silu(a_b)
            node _3: f32[1,16,4,4] = tanh(equals)
            output _3
            """,
            "Memory"
        );
        foreach (var name in (string[])["AB", "AB_2", "Equals_2", "Value3"])
            Assert.Contains($"internal const int {name} = ", text, StringComparison.Ordinal);
        Assert.DoesNotContain("internal const int Equals =", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_list_names_what_a_layer_reads_and_writes_over()
    {
        const string network = """
            input x: f32[1,16,6,6]
            param w: f32[16,16,3,3]
            node first: f32[1,16,6,6] = sigmoid(x)
            node second: f32[1,16,6,6] = conv2d(first) weight=w kernel=[3,3] pads=[1,1,1,1]
            node sum: f32[1,16,6,6] = add(second, first)
            output sum
            """;
        var text = Emit(network, "Avx512");
        // The second operand of the fused layer is the residual, over which the result is written.
        Assert.Matches(@"Layer\d\d_Sum\(arena \+ Values\.First, arena \+ Values\.First \+ \d+, constants \+ Constants\.W,", text);
        Assert.Contains("in range);", text, StringComparison.Ordinal);
        var places = Emit(network, "Memory");
        Assert.Contains("// first [1,16,6,6], blocks of 16 channels, halo 1", places, StringComparison.Ordinal);
    }

    private static string Emit(string network, string file)
    {
        var files = ModelEmitter.Emit(ModelPlanner.Plan(PassText.Parse(network), new CompileOptions()));
        return Assert.Single(files, emitted => emitted.Name.Split('.') is [_, var part, "cs"] && part == file).Text;
    }
}
