using Subp.Core.Diagnostics;
using Subp.Core.Interpretation;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Onnx.Import.Inlining;
using Subp.Onnx.Protos;
using Xunit;
using static Subp.Onnx.Tests.OnnxFile;
using AttributeType = Subp.Onnx.Protos.AttributeProto.Types.AttributeType;

namespace Subp.Onnx.Tests.Import;

/// <summary>Files that ONNX Runtime saved optimised against those that they were made from.</summary>
public sealed class FusedOperatorTests
{
    [Theory]
    [InlineData("Relu")]
    [InlineData("Tanh")]
    [InlineData("Sigmoid")]
    [InlineData("LeakyRelu", 0.2f)]
    [InlineData("Clip", -0.1f, 0.5f)]
    [InlineData("HardSigmoid", 0.3f, 0.4f)]
    public void A_convolution_with_an_activation_is_both(string activation, params float[] numbers)
    {
        foreach (var hasSum in new[] { false, true })
        {
            OnnxFile File() => Create([1, 3, 6, 6]).Weight("w", 3, 3, 3, 3).Weight("bias", 3);
            var fused = File()
                .Node(
                    "FusedConv",
                    hasSum ? "x w bias x" : "x w bias",
                    "y",
                    List("pads", 1, 1, 1, 1),
                    Text("activation", activation),
                    Reals("activation_params", numbers)
                );
            var apart = File().Node("Conv", "x w bias", hasSum ? "c" : "s", List("pads", 1, 1, 1, 1));
            if (hasSum)
                apart.Node("Add", "c x", "s");
            apart.Node(activation, "s", "y", Attributes(activation, numbers));
            AssertSame(apart, fused, 3 * 36);
        }
    }

    [Fact]
    public void A_product_with_an_activation_is_both()
    {
        OnnxFile File() => Create([2, 5]).Weight("w", 4, 5).Weight("bias", 4);
        var fused = File()
            .Node(
                "FusedGemm",
                "x w bias",
                "y",
                Integer("transB", 1),
                Real("alpha", 0.5f),
                Text("activation", "LeakyRelu"),
                Real("activation_alpha", 0.3f)
            );
        var apart = File()
            .Node("Gemm", "x w bias", "g", Integer("transB", 1), Real("alpha", 0.5f))
            .Node("LeakyRelu", "g", "y", Real("alpha", 0.3f));
        AssertSame(apart, fused, 2 * 4);
    }

    [Fact]
    public void Gelu_and_its_relatives_are_what_they_are_made_of()
    {
        OnnxFile File() => Create([2, 5]).Weight("bias", 5);
        AssertSame(File().Node("Gelu", "x", "y"), File().Node("Gelu", "x", "y"), 10);
        AssertSame(File().Node("Add", "x bias", "s").Node("Gelu", "s", "y"), File().Node("BiasGelu", "x bias", "y"), 10);
        AssertSame(File().Node("Gelu", "x", "y", Text("approximate", "tanh")), File().Node("FastGelu", "x", "y"), 10);
        AssertSame(
            File().Node("Add", "x bias", "s").Node("Gelu", "s", "y", Text("approximate", "tanh")),
            File().Node("FastGelu", "x bias", "y"),
            10
        );
        AssertSame(
            File().Constant("alpha", [], 1.5f).Node("Mul", "x alpha", "m").Node("Sigmoid", "m", "s").Node("Mul", "x s", "y"),
            File().Node("QuickGelu", "x", "y", Real("alpha", 1.5f)),
            10
        );
    }

    // Of [batch,rows,columns]; a batch that is moved stands between rows and columns.
    [Fact]
    public void A_product_of_what_is_transposed_and_scaled_is_all_of_that()
    {
        for (var form = 0; form < 16; form++)
        {
            bool[] flags = [(form & 1) != 0, (form & 2) != 0, (form & 4) != 0, (form & 8) != 0];
            var (left, right) = (Stored([3, 4, 5], flags[0], flags[1]), Stored([3, 5, 6], flags[2], flags[3]));
            OnnxFile File() => Create(left.Shape).Weight("w", right.Shape);
            var fused = File()
                .Microsoft(
                    "FusedMatMul",
                    "x w",
                    "y",
                    Real("alpha", 0.5f),
                    Integer("transA", flags[0] ? 1 : 0),
                    Integer("transBatchA", flags[1] ? 1 : 0),
                    Integer("transB", flags[2] ? 1 : 0),
                    Integer("transBatchB", flags[3] ? 1 : 0)
                );
            var apart = File()
                .Node("Transpose", "x", "a", List("perm", left.Order))
                .Node("Transpose", "w", "b", List("perm", right.Order))
                .Constant("half", [1], 0.5f)
                .Node("MatMul", "a b", "p")
                .Node("Mul", "p half", "y");
            AssertSame(apart, fused, 3 * 4 * 6);
        }

        // A constant matrix on the right makes a layer, the factor in its weights.
        var layer = Create([2, 5]).Weight("w", 4, 5).Microsoft("FusedMatMul", "x w", "y", Real("alpha", 2f), Integer("transB", 1));
        Assert.IsType<Linear>(Assert.Single(layer.Import().Graph.Nodes).Operator);
        var product = Create([2, 5]).Weight("w", 4, 5).Weight("none", 4);
        AssertSame(product.Node("Gemm", "x w", "y", Integer("transB", 1), Real("alpha", 2f)), layer, 8);
    }

    // How operands are stored, and the permutation that makes [batch,rows,columns] of them.
    private static (int[] Shape, long[] Order) Stored(int[] shape, bool isTransposed, bool isBatchMoved)
    {
        var (batch, rows, columns) = (shape[0], shape[1], shape[2]);
        return (isTransposed, isBatchMoved) switch
        {
            (false, false) => ([batch, rows, columns], [0, 1, 2]),
            (true, false) => ([batch, columns, rows], [0, 2, 1]),
            (false, true) => ([rows, batch, columns], [1, 0, 2]),
            _ => ([columns, batch, rows], [1, 2, 0]),
        };
    }

    [Theory]
    [InlineData("Softsign")]
    [InlineData("LeakyRelu")]
    [InlineData("Clip", 1f)]
    public void An_activation_that_is_not_known_is_refused_by_name(string activation, params float[] numbers)
    {
        var file = Create([1, 3, 6, 6])
            .Weight("w", 3, 3, 3, 3)
            .Node("FusedConv", "x w", "y", Text("activation", activation), Reals("activation_params", numbers));
        var failure = Assert.Throws<SubpException>(() => Fused(file).Import());
        Assert.Equal("SUBP0405", failure.Diagnostic.Descriptor.Id);
        Assert.Contains($"the activation '{activation}'", failure.Message, StringComparison.Ordinal);
    }

    private static void AssertSame(OnnxFile apart, OnnxFile fused, int outputs)
    {
        var (expected, found) = (Run(apart.Import(), outputs), Run(Fused(fused).Import(), outputs));
        Assert.Equal(expected, found);
        Assert.Contains(expected, value => value != 0);
    }

    private static float[] Run(Model model, int outputs)
    {
        var count = model.Graph.Inputs[0].Shape.ElementCount;
        var result = new float[outputs];
        new ReferenceInterpreter(model).Run([.. Enumerable.Range(0, count).Select(index => (float)Math.Cos(index * 0.7))], result);
        return result;
    }

    private static OnnxFile Fused(OnnxFile file)
    {
        foreach (var node in file.Graph.Node.Where(node => FusedOperators.Parts.ContainsKey(node.OpType)))
            node.Domain = "com.microsoft";
        return file;
    }

    private static AttributeProto[] Attributes(string activation, float[] numbers) =>
        activation switch
        {
            "LeakyRelu" => [Real("alpha", numbers[0])],
            "Clip" => [Real("min", numbers[0]), Real("max", numbers[1])],
            "HardSigmoid" => [Real("alpha", numbers[0]), Real("beta", numbers[1])],
            _ => [],
        };

    private static AttributeProto Reals(string name, float[] values) =>
        new()
        {
            Name = name,
            Type = AttributeType.Floats,
            Floats = { values },
        };
}
