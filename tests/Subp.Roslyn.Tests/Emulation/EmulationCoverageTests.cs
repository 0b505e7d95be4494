using System.Text.RegularExpressions;
using Subp.Compiler;
using Subp.Compiler.Emission;
using Subp.Compiler.Planning;
using Subp.Core.Weights;
using Subp.Roslyn.Tests.Families;
using Subp.Roslyn.Tests.Kernels;
using Subp.Testing;
using Xunit;

namespace Subp.Roslyn.Tests.Emulation;

/// <summary>
/// Whatever instruction emitted code calls has an emulation, wherever the tests run: a processor that has all of them would not miss one,
/// and the tests would fail on the first that has not.
/// </summary>
[Trait("speed", "slow")]
public sealed partial class EmulationCoverageTests
{
    [Fact]
    public void Code_that_calls_every_instruction_compiles_without_any_of_them()
    {
        var seen = new HashSet<string>();
        KernelCase[] cases = [.. KernelFixture.Cases(), .. IntegerCases.OfFloatInterface(), .. FamilyCases.All()];
        foreach (var kernelCase in cases.Sample(3))
        {
            var model = PassPipeline.Pack(kernelCase.Model);
            var plan = ModelPlanner.Plan(model.Graph, kernelCase.Options);
            var files = ModelEmitter.Emit(plan);
            var called = files.SelectMany(file => Instruction().Matches(file.Text)).Select(Called).ToHashSet();
            if (called.IsSubsetOf(seen))
                continue;
            seen.UnionWith(called);
            // Compiling is the proof: every name and every type of an argument is there.
            _ = ModelAssemblyCompiler.Compile(
                InstructionEmulation.Prepare(files, InstructionEmulation.Classes),
                ModelBundle.Write(model).Safetensors,
                plan.ClassName,
                $"{plan.Options.Namespace}.{plan.ClassName}.safetensors"
            );
        }

        Assert.InRange(seen.Count, 40, 200);
        Assert.Superset(seen.Select(name => name.Split('.')[0]).ToHashSet(), InstructionEmulation.Classes.ToHashSet());
    }

    // With the type of the local that holds the result, so that each type of an instruction counts.
    private static string Called(Match match) => $"{match.Groups["name"].Value} {match.Groups["type"].Value}";

    [GeneratedRegex(@"(?:Simd::(?<type>Vector\d+<\w+>) \w+ = )?X86::(?<name>\w+\.\w+)\(")]
    private static partial Regex Instruction();
}
