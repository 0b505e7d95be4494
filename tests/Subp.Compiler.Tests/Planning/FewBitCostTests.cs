using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Costs;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;
using Xunit;

namespace Subp.Compiler.Tests.Planning;

/// <summary>The cost model knows which products a layer of bytes has by the bits of its weights.</summary>
public sealed class FewBitCostTests
{
    private const int Channels = 128;
    private const int Pixels = 28 * 28;

    [Theory]
    // A row of the kernel is 96 quads; 16 bits hold 64, 21 and 9 of them.
    [InlineData(2, 2)]
    [InlineData(3, 5)]
    [InlineData(4, 11)]
    public void Products_of_2_to_4_bits_are_short_and_widened_as_often_as_16_bits_ask_for(int bits, int stretches)
    {
        var work = Work(bits, InstructionSet.Avx512);
        Assert.Equal(Pixels * Channels * 9 * (Channels / 4) / 16.0, work["byte.short"]);
        Assert.Equal(Pixels * Channels * 3 * stretches / 16.0, work["byte.widen"]);
        Assert.DoesNotContain("byte.product", work.Keys);
    }

    [Theory]
    [InlineData(null, InstructionSet.Avx512)]
    [InlineData(6, InstructionSet.Avx512)]
    [InlineData(3, InstructionSet.Avx2)]
    [InlineData(3, InstructionSet.Portable)]
    public void Other_products_have_32_bit_sums(int? bits, InstructionSet set)
    {
        var work = Work(bits, set);
        Assert.Contains("byte.product", work.Keys);
        Assert.DoesNotContain("byte.short", work.Keys);
        Assert.DoesNotContain("byte.widen", work.Keys);
    }

    [Theory]
    [InlineData(null, InstructionSet.Avx512, "byte.ahead")]
    [InlineData(3, InstructionSet.Avx512, "byte.gather")]
    [InlineData(null, InstructionSet.Avx2, "byte.gather")]
    public void Channels_are_put_together_ahead_where_kernels_of_dot_products_do_it(int? bits, InstructionSet set, string kind)
    {
        var kept = Enumerable.Range(0, Channels / 2).ToArray();
        var pattern = new BlockPattern(16, Channels, [.. Enumerable.Repeat(kept, Channels / 16)]);
        var work = CostModel.Work(Layer(bits, kernel: 1, pattern), set, MachineDescription.Standard);
        Assert.Equal(kind, Assert.Single(work, item => item.Kind is "byte.ahead" or "byte.gather").Kind);
    }

    [Fact]
    public void Fewer_bits_are_predicted_to_be_faster_on_every_machine() =>
        Assert.All(
            MachineDescription.Known,
            machine =>
            {
                double[] cycles =
                [
                    .. new int?[] { 2, 3, 4, null }.Select(bits => CostModel.Cycles(Layer(bits), InstructionSet.Avx512, machine)),
                ];
                Assert.Equal(cycles.Order(), cycles);
            }
        );

    private static Dictionary<string, double> Work(int? bits, InstructionSet set) =>
        CostModel.Work(Layer(bits), set, MachineDescription.Standard).ToDictionary(item => item.Kind, item => item.Count);

    private static LayerPlan Layer(int? bits, int kernel = 3, BlockPattern? pattern = null)
    {
        var builder = new GraphBuilder("net");
        var image = new TensorShape(1, Channels, 28, 28);
        var bytes = builder.Node("bytes", new Quantize(), new Quantization(1, 0), builder.Input("image", image));
        var convolution = new Conv2d
        {
            Weight = builder.Parameter("weight", new TensorShape(Channels, Channels, kernel, kernel), ElementType.Int8, pattern),
            WeightScale = builder.Parameter("weight_scale", new TensorShape(Channels)),
            Bias = builder.Parameter("bias", new TensorShape(Channels), ElementType.Int32),
            Window = Window.Square(kernel, padding: kernel / 2),
        };
        builder.Output(builder.Node("conv", convolution, new Quantization(1, 0), bytes));
        var graph = builder.Build();
        graph = graph.With(
            parameters: [.. graph.Parameters.Select(parameter => parameter.Name == "weight" ? parameter with { Bits = bits } : parameter)]
        );
        return ModelPlanner.Plan(graph, new CompileOptions { ThreadCounts = [1] }).Layers.Single(layer => layer.Node.Name == "conv");
    }
}
