using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Costs;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Xunit;

namespace Subp.Compiler.Tests.Planning;

/// <summary>The cost model tells functions with an exponential from those of a few instructions, and a gate from a value.</summary>
public sealed class ActivationCostTests
{
    private const int Channels = 32;
    private const int Pixels = 14 * 14;
    private const double Vectors = Channels * Pixels / 16.0;

    public static TheoryData<string, Window, int> Convolutions =>
        new() { { "direct", Window.Square(1), 1 }, { "depthwise", Window.Square(3, 1, 1), Channels } };

    [Theory]
    [MemberData(nameof(Convolutions))]
    public void Functions_of_a_few_instructions_do_not_cost_an_exponential(string name, Window window, int groups)
    {
        Dictionary<string, double> Of(Activation activation) =>
            Work(builder => builder.Conv2d(name, "x", Channels, window, groups: groups, activation: activation));

        Assert.Equal(Vectors, Of(Activation.Silu)["function"]);
        foreach (var activation in new[] { Activation.HardSwish, Activation.HardSigmoid(), Activation.Of(ActivationKind.LeakyRelu) })
        {
            var work = Of(activation);
            Assert.DoesNotContain("function", work.Keys);
            Assert.Equal(Vectors, work["element.vector"]);
        }

        Assert.DoesNotContain("element.vector", Of(Activation.Relu).Keys);
    }

    [Fact]
    public void A_gate_is_loaded_once_and_another_value_for_every_vector()
    {
        var gate = Work(builder => builder.Node("gated", new Mul(), "x", builder.Node("mean", new GlobalAveragePool(), "x")));
        Assert.Equal(2 * Vectors, gate["element.vector"]);
        var product = Work(builder => builder.Node("product", new Mul(), "x", builder.Node("relu", Activate.Relu, "x")));
        Assert.Equal(3 * Vectors, product["element.vector"]);
    }

    [Fact]
    public void Every_machine_has_a_function_dearer_than_a_step() =>
        Assert.All(MachineDescription.Known, machine => Assert.True(machine.CyclesOf("function") > 2 * machine.CyclesOf("element.vector")));

    // The work of the last layer that is no copy.
    private static Dictionary<string, double> Work(Func<GraphBuilder, string> last)
    {
        var builder = new GraphBuilder("activations");
        builder.Input("image", new TensorShape(1, Channels, 14, 14));
        builder.Conv2d("x", "image", Channels, Window.Square(1));
        builder.Output(last(builder));
        var plan = ModelPlanner.Plan(builder.Build(), new CompileOptions { ThreadCounts = [1] });
        var layer = plan.Layers.Last(layer => layer.Node.Operator is Conv2d or Mul);
        return CostModel
            .Work(layer, InstructionSet.Avx512, MachineDescription.Standard)
            .ToDictionary(item => item.Kind, item => item.Count);
    }
}
