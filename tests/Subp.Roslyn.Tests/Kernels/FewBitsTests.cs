using Subp.Compiler;
using Subp.Compiler.Emission;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Interpretation;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Roslyn.Tests.Emulation;
using Subp.Testing;
using Xunit;

namespace Subp.Roslyn.Tests.Kernels;

/// <summary>Few bits change what lies in the assembly, and which products kernels take, and nothing of what is computed.</summary>
[Trait("speed", "slow")]
public sealed class FewBitsTests
{
    public static TheoryData<string> CaseNames => [.. FewBitsCases.All().Sample(2).Select(kernelCase => kernelCase.Name)];

    [Theory]
    [MemberData(nameof(CaseNames))]
    public void Every_instruction_set_computes_the_bits_that_stored_values_give(string name)
    {
        var kernelCase = FewBitsCases.All().Single(kernelCase => kernelCase.Name == name);
        var packed = PassPipeline.Pack(kernelCase.Model);
        Assert.Contains(packed.Graph.Parameters, parameter => parameter.Bits is not null);
        var plain = packed with
        {
            Graph = packed.Graph.With(parameters: [.. packed.Graph.Parameters.Select(parameter => parameter with { Bits = null })]),
        };
        Assert.True(ModelBundle.Write(packed).Safetensors.Length < ModelBundle.Write(plain).Safetensors.Length);
        using var few = Compile(packed, hasDotProducts: true);
        using var whole = Compile(plain, hasDotProducts: true);
        var input = RandomWeights.Input(packed.Graph.Inputs[0].Shape, seed: 2);
        foreach (var set in few.InstructionSets.Where(few.IsSupported))
        {
            var (expected, found) = (Run(whole, set, input), Run(few, set, input));
            Assert.Contains(expected, value => value != 0);
            Assert.True(KernelRunner.SameBits(expected, found), $"{name} differs on {set}.");
        }
    }

    [Theory]
    [InlineData(2, 1)]
    [InlineData(3, 1)]
    [InlineData(4, 1)]
    [InlineData(2, 3)]
    [InlineData(4, 3)]
    [InlineData(6, 3)]
    public void The_largest_bytes_and_weights_leave_no_sum(int bits, int kernel)
    {
        const int Inputs = 300;
        var builder = new GraphBuilder("net");
        var image = new TensorShape(1, Inputs, 5, 6);
        var bytes = builder.Node("bytes", new Quantize(), new Quantization(1, 0), builder.Input("image", image));
        var shape = new TensorShape(48, Inputs, kernel, kernel);
        var convolution = new Conv2d
        {
            Weight = builder.Parameter("weight", shape, ElementType.Int8),
            WeightScale = builder.Parameter("weight_scale", new TensorShape(48)),
            Bias = builder.Parameter("bias", new TensorShape(48), ElementType.Int32),
            Window = Window.Square(kernel, padding: kernel / 2),
        };
        builder.Output(builder.Node("conv", convolution, [bytes], Layout.Nchw, TensorType.Float32));
        var largest = (sbyte)((1 << (bits - 1)) - 1);
        // Every third output has all weights of one sign, every third all of the other, the rest random ones.
        var random = new Random(bits);
        sbyte[] weights =
        [
            .. Enumerable
                .Range(0, shape.ElementCount)
                .Select(index =>
                    (index / (shape.ElementCount / 48) % 3) switch
                    {
                        0 => largest,
                        1 => (sbyte)-largest,
                        _ => (sbyte)random.Next(-largest, largest + 1),
                    }
                ),
        ];
        var model = PassPipeline.Pack(
            new Model(
                builder.Build(),
                new WeightSet
                {
                    ["weight"] = WeightTensor.FromSignedBytes(shape, weights),
                    ["weight_scale"] = new WeightTensor(new TensorShape(48), [.. Enumerable.Repeat(1f, 48)]),
                    ["bias"] = WeightTensor.FromIntegers(new TensorShape(48), new int[48]),
                }
            )
        );
        Assert.Equal(bits, model.Graph.Parameter("weight").Bits);
        float[] input = [.. Enumerable.Repeat(255f, image.ElementCount)];
        var expected = new float[48 * 30];
        new ReferenceInterpreter(model).Run(input, expected);
        Assert.Equal((float)(255L * Inputs * largest * kernel * kernel), expected.Max());
        foreach (var hasDotProducts in new[] { true, false })
        {
            using var compiled = Compile(model, hasDotProducts);
            foreach (var set in compiled.InstructionSets.Where(compiled.IsSupported))
                Assert.True(KernelRunner.SameBits(expected, Run(compiled, set, input)), $"{set}, dot products: {hasDotProducts}");
        }
    }

    private static LoadedModel Compile(Model model, bool hasDotProducts)
    {
        InstructionEmulation.SwitchOn();
        var plan = ModelPlanner.Plan(model.Graph, new CompileOptions { ThreadCounts = [1] });
        var files = ModelEmitter.Emit(plan);
        if (!hasDotProducts)
            files =
            [
                .. files.Select(file =>
                    file with
                    {
                        Text = file.Text.Replace("X86::AvxVnni.IsSupported", "false", StringComparison.Ordinal),
                    }
                ),
            ];
        var assembly = ModelAssemblyCompiler.Compile(
            InstructionEmulation.Prepare(files, InstructionEmulation.Missing),
            ModelBundle.Write(model).Safetensors,
            plan.ClassName,
            $"{plan.Options.Namespace}.{plan.ClassName}.safetensors"
        );
        return LoadedModel.Load(assembly);
    }

    private static float[] Run(LoadedModel model, InstructionSet set, float[] input)
    {
        using var session = model.CreateSession(1, set);
        var output = new float[model.OutputLength];
        session.Run(input, output);
        return output;
    }
}
