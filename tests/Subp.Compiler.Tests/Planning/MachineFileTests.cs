using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Costs;
using Subp.Compiler.Tests.Passes;
using Subp.Core.Diagnostics;
using Xunit;

namespace Subp.Compiler.Tests.Planning;

public sealed class MachineFileTests
{
    private static string CascadeLake => MachineFile.Print(MachineDescription.Find("cascade-lake")!);

    [Fact]
    public void What_is_printed_is_read_again()
    {
        Assert.All(
            MachineDescription.Known,
            machine =>
            {
                var read = MachineFile.Parse(MachineFile.Print(machine), "machine.json");
                Assert.Equal(machine.Cycles, read.Cycles);
                Assert.Equal(machine.MultiplyAddsPerCycle, read.MultiplyAddsPerCycle);
                Assert.Equal(machine with { Cycles = read.Cycles, MultiplyAddsPerCycle = read.MultiplyAddsPerCycle }, read);
            }
        );
    }

    [Fact]
    public void Shipped_machines_have_different_names_and_costs()
    {
        Assert.Equal(MachineDescription.Known.Count, MachineDescription.Known.Select(machine => machine.Name).Distinct().Count());
        Assert.Equal(
            MachineDescription.Known.Count,
            MachineDescription.Known.Select(machine => string.Join(" ", machine.Cycles.Values)).Distinct().Count()
        );
        Assert.Null(MachineDescription.Find("abacus"));
        Assert.Same(MachineDescription.Standard, MachineDescription.Find("zen5"));
    }

    [Theory]
    [InlineData("\"layer\": 608,", "", "no number \"cycles.layer\"")]
    [InlineData("\"layer\": 608", "\"layer\": -1", "\"cycles.layer\" of -1")]
    [InlineData("\"layer\": 608,", "\"layer\": 608, \"tea\": 1,", "cycles of 'tea'")]
    [InlineData("\"firstLevelBytes\": 32768", "\"firstLevelBytes\": 0", "\"firstLevelBytes\" of 0")]
    [InlineData("\"avx2\": 2", "\"avx2\": 0", "\"multiplyAddsPerCycle.avx2\" of 0")]
    [InlineData("\"thirdLevelBytes\": 37486592,", "", "no number \"thirdLevelBytes\"")]
    [InlineData("\"name\": \"cascade-lake\",", "", "no \"name\"")]
    [InlineData("cascade-lake", "lake\n#error", "a \"name\" that is not plain")]
    [InlineData("\"layer\": 608,", "\"layer\": many,", "'m'")]
    [InlineData("{\n  \"name\"", "[\n  \"name\"", "'['")]
    public void A_broken_file_is_refused_by_name(string part, string broken, string found)
    {
        Assert.Contains(part, CascadeLake, StringComparison.Ordinal);
        var text = CascadeLake.Replace(part, broken, StringComparison.Ordinal);
        var exception = Assert.Throws<SubpException>(() => MachineFile.Parse(text, "machine.json"));
        Assert.Equal("SUBP0603", exception.Diagnostic.Descriptor.Id);
        Assert.Contains(found, exception.Message, StringComparison.Ordinal);
        Assert.Contains("machine.json", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_ends_too_early_is_refused()
    {
        var text = CascadeLake.TrimEnd();
        Assert.All(
            Enumerable.Range(0, text.Length),
            length => Assert.Throws<SubpException>(() => MachineFile.Parse(text[..length], "machine.json"))
        );
    }

    [Fact]
    public void Costs_of_the_machine_decide_between_kernels()
    {
        const string Network = """
            input x: f32[1,16,28,28]
            param v: f32[16,16,1,1]
            param w: f32[16,16,3,3]
            node a: f32[1,16,28,28] = conv2d(x) weight=v kernel=[1,1]
            node y: f32[1,16,28,28] = conv2d(a) weight=w kernel=[3,3] pads=[1,1,1,1]
            output y
            """;
        var standard = MachineDescription.Standard;
        var slow = standard.Cycles.ToDictionary(
            entry => entry.Key,
            entry => entry.Key.StartsWith("winograd", StringComparison.Ordinal) ? entry.Value * 100 : entry.Value
        );
        var plan = Plan(standard);
        Assert.Contains("wino", Kernel(plan), StringComparison.Ordinal);
        Assert.DoesNotContain("wino", Kernel(Plan(standard with { Name = "no-winograd", Cycles = slow })), StringComparison.Ordinal);

        var explanation = KernelExplanation.Of(plan, plan.Layers.Single(layer => layer.Node.Name == "y"));
        Assert.Equal(["direct", "winograd4", "winograd2"], explanation.Algorithms.Select(kernel => kernel.Name));
        var chosen = explanation.Algorithms.Single(kernel => kernel.IsChosen);
        Assert.Equal(explanation.Algorithms.Min(kernel => kernel.Cycles), chosen.Cycles);
        Assert.NotEmpty(explanation.Variants);

        ModelPlan Plan(MachineDescription machine) => ModelPlanner.Plan(PassText.Parse(Network), new CompileOptions { Machine = machine });

        string Kernel(ModelPlan planned) => planned.Layers.Single(layer => layer.Node.Name == "y").KernelName(InstructionSet.Avx512);
    }
}
