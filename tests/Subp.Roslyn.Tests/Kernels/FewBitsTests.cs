using Subp.Compiler;
using Subp.Compiler.Emission;
using Subp.Compiler.Planning;
using Subp.Core.Weights;
using Subp.Roslyn.Tests.Emulation;
using Subp.Testing;
using Xunit;

namespace Subp.Roslyn.Tests.Kernels;

/// <summary>Few bits change what lies in the assembly and nothing of what is computed.</summary>
[Trait("speed", "slow")]
public sealed class FewBitsTests
{
    public static TheoryData<string> CaseNames => [.. FewBitsCases.All().Select(kernelCase => kernelCase.Name)];

    [Theory]
    [MemberData(nameof(CaseNames))]
    public void Every_instruction_set_computes_the_bits_that_stored_values_give(string name)
    {
        InstructionEmulation.SwitchOn();
        var kernelCase = FewBitsCases.All().Single(kernelCase => kernelCase.Name == name);
        var packed = PassPipeline.Pack(kernelCase.Model);
        Assert.Contains(packed.Graph.Parameters, parameter => parameter.Bits is not null);
        var plain = packed with
        {
            Graph = packed.Graph.With(parameters: [.. packed.Graph.Parameters.Select(parameter => parameter with { Bits = null })]),
        };
        var (few, whole) = (Compile(packed), Compile(plain));
        Assert.True(few.Weights < whole.Weights);
        using var fewModel = few.Model;
        using var wholeModel = whole.Model;
        var input = RandomWeights.Input(packed.Graph.Inputs[0].Shape, seed: 2);
        foreach (var set in fewModel.InstructionSets.Where(fewModel.IsSupported))
        {
            var (expected, found) = (Run(wholeModel, set, input), Run(fewModel, set, input));
            Assert.Contains(expected, value => value != 0);
            Assert.True(KernelRunner.SameBits(expected, found), $"{name} differs on {set}.");
        }
    }

    private static (LoadedModel Model, int Weights) Compile(Model model)
    {
        var plan = ModelPlanner.Plan(model.Graph, new CompileOptions { ThreadCounts = [1] });
        var weights = ModelBundle.Write(model).Safetensors;
        var assembly = ModelAssemblyCompiler.Compile(
            InstructionEmulation.Prepare(ModelEmitter.Emit(plan), InstructionEmulation.Missing),
            weights,
            plan.ClassName,
            $"{plan.Options.Namespace}.{plan.ClassName}.safetensors"
        );
        return (LoadedModel.Load(assembly), weights.Length);
    }

    private static float[] Run(LoadedModel model, InstructionSet set, float[] input)
    {
        using var session = model.CreateSession(1, set);
        var output = new float[model.OutputLength];
        session.Run(input, output);
        return output;
    }
}
