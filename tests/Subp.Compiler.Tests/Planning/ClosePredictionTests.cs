using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Costs;
using Subp.Compiler.Tests.Passes;
using Xunit;

namespace Subp.Compiler.Tests.Planning;

/// <summary>What other descriptions than the standard one do with kernels that they predict to be about as fast.</summary>
public sealed class ClosePredictionTests
{
    private const string Network = """
        input x: f32[1,16,28,28]
        param v: f32[16,16,1,1]
        param w: f32[16,16,3,3]
        node a: f32[1,16,28,28] = conv2d(x) weight=v kernel=[1,1]
        node y: f32[1,16,28,28] = conv2d(a) weight=w kernel=[3,3] pads=[1,1,1,1]
        output y
        """;

    [Fact]
    public void Within_five_percent_the_standard_description_decides_and_beyond_the_fewest_cycles()
    {
        var (led, left, overruled) = (0, 0, 0);
        for (var factor = 1.0; factor < 4; factor += 0.02)
        {
            var plan = Plan(Slower(factor));
            var layer = Layer(plan);
            var chosen = layer.KernelName(InstructionSet.Avx512);
            var direct = layer.Frame.Rivals.Single(rival => rival.Name == "direct").Cycles;
            var transformed = layer.Frame.Rivals.Where(rival => rival.Name != "direct").Min(rival => rival.Cycles);
            var isTransformed = chosen.Contains("wino", StringComparison.Ordinal);
            Assert.Equal(transformed <= KernelChoices.Indistinct * direct, isTransformed);
            led += transformed < direct ? 1 : 0;
            left += isTransformed && transformed > direct ? 1 : 0;
            overruled += isTransformed ? 0 : 1;
            var remark = KernelExplanation.Of(plan, layer).Remark;
            Assert.Equal(isTransformed && transformed > direct, remark?.Contains("zen5 prefers", StringComparison.Ordinal) ?? false);
        }

        // Each of the three happened.
        Assert.All([led, left, overruled], count => Assert.NotEqual(0, count));
    }

    [Fact]
    public void The_standard_description_takes_the_fewest_cycles()
    {
        var layer = Layer(Plan(MachineDescription.Standard));
        var best = layer.Frame.Rivals.MinBy(rival => rival.Cycles).Name;
        Assert.StartsWith("winograd", best, StringComparison.Ordinal);
        Assert.Contains("wino" + best[^1], layer.KernelName(InstructionSet.Avx512), StringComparison.Ordinal);
    }

    private static ModelPlan Plan(MachineDescription machine) =>
        ModelPlanner.Plan(PassText.Parse(Network), new CompileOptions { Machine = machine });

    private static LayerPlan Layer(ModelPlan plan) => plan.Layers.Single(layer => layer.Node.Name == "y");

    // Transforms cost so many times as much; large and small tiles alike.
    private static MachineDescription Slower(double factor) =>
        MachineDescription.Standard with
        {
            Name = "slower",
            Cycles = MachineDescription.Standard.Cycles.ToDictionary(
                entry => entry.Key,
                entry => entry.Key.StartsWith("winograd", StringComparison.Ordinal) ? entry.Value * factor : entry.Value
            ),
        };
}
