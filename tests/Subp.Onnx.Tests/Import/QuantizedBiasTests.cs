using Subp.Core.Graphs;
using Subp.Core.Interpretation;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Onnx.Tests.Conformance;
using Xunit;
using DataType = Subp.Onnx.Protos.TensorProto.Types.DataType;

namespace Subp.Onnx.Tests.Import;

/// <summary>
/// Normalisations and biases behind layers of bytes: integers where these are exact, and the numbers of the file in any case.
/// </summary>
public class QuantizedBiasTests
{
    private static readonly int[] s_steps = [10, -20, 30, 127];
    private static readonly float[] s_scales = [0.25f, 0.5f];

    [Theory]
    [InlineData("batch_norm", true)]
    [InlineData("batch_norm", false)]
    [InlineData("mul", true)]
    [InlineData("div", true)]
    [InlineData("sub", false)]
    [InlineData("mul, add", true)]
    [InlineData("mul, add", false)]
    public void A_normalisation_behind_a_layer_goes_into_its_scales_and_its_bias(string kind, bool isQuantized)
    {
        var file = Layer("conv");
        double[] multipliers = [1, 1],
            shifts = [0, 0];
        var last = "conv";
        foreach (var step in kind.Split(", "))
        {
            file.Constant($"{step}c", [1, 2, 1, 1], 1.5f, -0.75f);
            switch (step)
            {
                case "batch_norm":
                    file.Constant("scale", [2], 1.5f, -0.75f).Constant("shift", [2], 3, 4);
                    file.Constant("mean", [2], 0.5f, -2).Constant("variance", [2], 4, 0.25f);
                    file.Node("BatchNormalization", $"{last} scale shift mean variance", step, OnnxFile.Real("epsilon", 0));
                    (multipliers, shifts) = ([0.75, -1.5], [3 - 0.375, 1]);
                    break;
                case "mul":
                    file.Node("Mul", $"{last} {step}c", step);
                    multipliers = [1.5, -0.75];
                    break;
                case "div":
                    file.Node("Div", $"{last} {step}c", step);
                    multipliers = [1 / 1.5, -1 / 0.75];
                    break;
                case "add":
                    file.Node("Add", $"{last} {step}c", step);
                    shifts = [1.5, -0.75];
                    break;
                default:
                    file.Node("Sub", $"{last} {step}c", step);
                    shifts = [-1.5, 0.75];
                    break;
            }

            last = step;
        }

        var model = Close(file, last, isQuantized).Import();
        var layer = Assert.Single(model.Graph.Nodes, node => node.Operator is Conv2d);
        Assert.DoesNotContain(model.Graph.Nodes, node => node.Operator is BatchNorm or Binary or Mul or Add);
        Assert.Equal(ElementType.Int8, model.Graph.Parameter(((Conv2d)layer.Operator).Weight).Element);
        Check(model, isQuantized, (sum, output) => (sum * multipliers[output]) + shifts[output]);
    }

    [Fact]
    public void A_normalisation_of_a_layer_that_another_node_reads_too_stays_one_of_floats()
    {
        var file = Layer("conv").Constant("factor", [], 3);
        var model = file.Node("Mul", "conv factor", "tripled").Node("Add", "tripled conv", "y").Import();
        Assert.Contains(model.Graph.Nodes, node => node.Operator is BatchNorm);
        Check(model, isQuantized: false, (sum, _) => 4 * sum);
    }

    [Fact]
    public void A_normalisation_that_no_scale_can_be_multiplied_with_stays_one_of_floats()
    {
        // A byte of -128 has no opposite.
        var file = Layer("conv", -128).Constant("factor", [], -1);
        var model = file.Node("Mul", "conv factor", "y").Import();
        Assert.Contains(model.Graph.Nodes, node => node.Operator is BatchNorm);
        Check(model, isQuantized: false, (sum, _) => -sum, -128);
    }

    [Theory]
    [InlineData(1, -1, 0, 1)]
    [InlineData(0, 0, 0, 0)]
    [InlineData(3, -2, 1, 0)]
    public void A_float_bias_of_weights_of_few_steps_is_not_rounded_to_what_is_seen(params int[] steps)
    {
        var file = Stem().Bytes("wi", DataType.Int8, [2, 2, 1, 1], steps).Constant("b", [2], 0.0123f, -0.1f);
        var model = file.Node("DequantizeLinear", "wi ws", "w", OnnxFile.Integer("axis", 0)).Node("Conv", "xr w b", "y").Import();
        var conv = (Conv2d)Assert.Single(model.Graph.Nodes, node => node.Operator is Conv2d).Operator;
        Assert.Equal(ElementType.Int8, model.Graph.Parameter(conv.Weight).Element);
        Check(model, isQuantized: false, (sum, output) => sum + (output == 0 ? 0.0123f : -0.1f), steps);
    }

    [Fact]
    public void A_float_bias_of_weights_that_use_their_bytes_leaves_these_as_they_are()
    {
        var file = Stem().Bytes("wi", DataType.Int8, [2, 2, 1, 1], 90, -100, 30, 127).Constant("b", [2], 0.0123f, -0.1f);
        var model = file.Node("DequantizeLinear", "wi ws", "w", OnnxFile.Integer("axis", 0)).Node("Conv", "xr w b", "y").Import();
        var conv = (Conv2d)Assert.Single(model.Graph.Nodes, node => node.Operator is Conv2d).Operator;
        Assert.Equal([90, -100, 30, 127], model.Weights[conv.Weight].SignedBytes);
        Assert.Equal(s_scales, model.Weights[conv.WeightScale!].Values);
    }

    // x, quantised and dequantised as xr.
    private static OnnxFile Stem() =>
        OnnxFile
            .Create([1, 2, 4, 4])
            .Constant("xs", [], 0.1f)
            .Bytes("xz", DataType.Uint8, [], 112)
            .Constant("ws", [2], s_scales)
            .Node("QuantizeLinear", "x xs xz", "xq")
            .Node("DequantizeLinear", "xq xs xz", "xr");

    private static OnnxFile Layer(string name, int last = 127) =>
        Stem()
            .Bytes("wi", DataType.Int8, [2, 2, 1, 1], 10, -20, 30, last)
            .Node("DequantizeLinear", "wi ws", "w", OnnxFile.Integer("axis", 0))
            .Node("Conv", "xr w", name);

    private static OnnxFile Close(OnnxFile file, string value, bool isQuantized)
    {
        if (!isQuantized)
            return file.Node("Identity", value, "y");
        file.Constant("ys", [], 0.5f).Bytes("yz", DataType.Uint8, [], 103).Node("QuantizeLinear", $"{value} ys yz", "yq");
        return file.Node("DequantizeLinear", "yq ys yz", "y");
    }

    // The interpreter gives the numbers of the file within a ten thousandth or a step, and compiled code those of the interpreter.
    private static void Check(Model model, bool isQuantized, Func<double, int, double> behind, params int[] steps)
    {
        steps =
            steps.Length == 0 ? s_steps
            : steps.Length == 1 ? [.. s_steps[..3], steps[0]]
            : steps;
        float[] input = [.. Enumerable.Range(0, 32).Select(index => (float)Math.Sin(index * 1.3) * 6)];
        var found = new float[32];
        new ReferenceInterpreter(model).Run(input, found);
        var wanted = Enumerable
            .Range(0, 32)
            .Select(index =>
            {
                var (output, pixel) = (index / 16, index % 16);
                double Term(int channel) =>
                    steps[(output * 2) + channel]
                    * s_scales[output]
                    * Math.Clamp(Math.Round(input[(channel * 16) + pixel] / 0.1f), -112, 143)
                    * 0.1;
                var real = behind(Term(0) + Term(1), output);
                return isQuantized ? Math.Clamp(Math.Round(real / 0.5), -103, 152) * 0.5 : real;
            })
            .ToArray();
        var tolerance = isQuantized ? 0.501 : wanted.Max(Math.Abs) * 1e-4;
        Assert.All(found.Zip(wanted), pair => Assert.Equal(pair.Second, pair.First, tolerance));
        foreach (var computation in CompiledKernels.Run(model, new Dictionary<string, float[]> { ["x"] = input }))
            Assert.All(found.Zip(computation.Outputs["y"]), pair => Assert.Equal(pair.First, pair.Second, tolerance * 0.01));
    }
}
