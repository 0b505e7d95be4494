using Subp.Core.Diagnostics;
using Xunit;
using static Subp.Onnx.Tests.OnnxFile;

namespace Subp.Onnx.Tests.Import;

/// <summary>Shape arithmetic, as exporters write it around a Reshape.</summary>
public class ConstantFoldingTests
{
    private const string Flattened = "y = flatten(x) [2,12]";

    // As timm standardises the weights of ResNetV2: each filter by its own mean and variance.
    [Theory]
    [InlineData(13, "w n z z n", "s m v a b")]
    [InlineData(17, "w n z z n", "s")]
    public void A_weight_that_is_standardised_is_a_constant(int opset, string inputs, string outputs)
    {
        var file = Create([1, 2, 2, 2], opset)
            .Constant("w", [1, 2, 4], 1, 2, 3, 4, 5, 5, 5, 9)
            .Constant("n", [2], 1, 2)
            .Constant("z", [2], 0, 1);
        file.Node("BatchNormalization", inputs, outputs, [.. opset == 17 ? new[] { Integer("training_mode", 1) } : []])
            .Integers("shape", 2, 1, 2, 2)
            .Node("Reshape", "s shape", "weight")
            .Node("Conv", "x weight", "y", Integer("group", 2));
        var weight = Assert.Single(
            file.Import().Weights.Names.Select(name => file.Import().Weights[name]),
            tensor => tensor.Shape.Rank == 4
        );
        double[] expected = [-1.3416, -0.4472, 0.4472, 1.3416, 1 - (2 * 0.57735), 1 - (2 * 0.57735), 1 - (2 * 0.57735), 1 + (2 * 1.73205)];
        Assert.Equal(expected, weight.Values.Select(value => (double)value), (one, other) => Math.Abs(one - other) < 1e-4);
    }

    [Fact]
    public void The_shape_arithmetic_of_a_view_is_folded_away()
    {
        var file = Base(13).Integers("i0", 0).Integers("axis", 0).Integers("minus", -1);
        file.Graph.Initializer[0].Dims.Clear();
        file.Node("Shape", "x", "s")
            .Node("Gather", "s i0", "n")
            .Node("Unsqueeze", "n axis", "n1")
            .Node("Concat", "n1 minus", "t", Integer("axis", 0))
            .Node("Reshape", "x t", "y");
        Assert.Equal([Flattened], file.ImportedNodes());
    }

    [Fact]
    public void Arithmetic_with_broadcasting_conversions_and_choices_is_folded_away()
    {
        var file = Base(17)
            .Integers("zero", 0)
            .Integers("two", 2)
            .Integers("six", 6)
            .Integers("seven", 7)
            .Integers("one", 1)
            .Integers("empty")
            .Integers("four", 4);
        foreach (var scalar in file.Graph.Initializer.Where(tensor => tensor.Name is "zero" or "four" or "one"))
            scalar.Dims.Clear();
        file.Node("Sub", "seven six", "a")
            .Node("Mul", "a two", "b")
            .Node("Cast", "seven", "f", Integer("to", 1))
            .Constant("half", [], 0.5f)
            .Node("Mul", "f half", "f3")
            .Node("Floor", "f3", "f3f")
            .Node("Cast", "f3f", "three", Integer("to", 7))
            .Node("Range", "zero four one", "r")
            .Node("Slice", "r three seven", "last")
            .Node("Add", "last one", "e4")
            .Node("Mul", "e4 three", "twelve")
            .Node("Equal", "b two", "c")
            .Node("Where", "c twelve one", "d")
            .Node("Concat", "b d", "t", Integer("axis", 0))
            .Node("Div", "t one", "t1")
            .Node("Reshape", "x t1", "y");
        Assert.Equal([Flattened], file.ImportedNodes());
    }

    [Theory]
    [InlineData("Mul", "huge huge", "64 bits")]
    [InlineData("Add", "huge huge", "64 bits")]
    [InlineData("ConstantOfShape", "huge", "a constant of shape")]
    [InlineData("Range", "zero huge one", "a constant of shape")]
    [InlineData("Range", "minus huge one", "64 bits")]
    public void Overflow_and_giant_results_are_diagnostics(string type, string inputs, string found)
    {
        var file = Base(17)
            .Integers("huge", long.MaxValue)
            .Integers("zero", 0)
            .Integers("one", 1)
            .Integers("minus", long.MinValue)
            .Node(type, inputs, "t")
            .Node("Reshape", "x t", "y");
        var diagnostic = Assert.Throws<SubpException>(() => file.Import()).Diagnostic;
        Assert.Equal(("SUBP0208", true), (diagnostic.Descriptor.Id, diagnostic.Found.Contains(found, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("Div", "one zero", "an integer division by zero")]
    [InlineData("Gather", "one one", "the index 1")]
    [InlineData("Add", "three2 two3", "constants of shapes [2] and [3]")]
    [InlineData("Range", "one one zero", "delta = 0")]
    public void Arithmetic_without_a_result_is_a_diagnostic(string type, string inputs, string found)
    {
        var file = Base(17)
            .Integers("zero", 0)
            .Integers("one", 1)
            .Integers("three2", 3, 3)
            .Integers("two3", 2, 2, 2)
            .Node(type, inputs, "t")
            .Node("Reshape", "x t", "y");
        var diagnostic = Assert.Throws<SubpException>(() => file.Import()).Diagnostic;
        Assert.Equal(("SUBP0404", found), (diagnostic.Descriptor.Id, diagnostic.Found));
    }

    [Fact]
    public void What_depends_on_values_is_named()
    {
        var diagnostic = Assert.Throws<SubpException>(() => Base(17).Node("ConstantOfShape", "x", "y").Import()).Diagnostic;
        Assert.Equal(("SUBP0404", "the computed value 'x' as input 0"), (diagnostic.Descriptor.Id, diagnostic.Found));
    }

    [Fact]
    public void Computed_constants_are_bounded_by_the_size_of_the_file()
    {
        var file = Base(17).Integers("c", 4_000_000).Node("ConstantOfShape", "c", "t0");
        for (var index = 0; index < 4; index++)
            file.Node("Neg", $"t{index}", $"t{index + 1}");
        file.Node("Reshape", "x t4", "y");
        var diagnostic = Assert.Throws<SubpException>(() => file.Import()).Diagnostic;
        Assert.Equal(("SUBP0208", "20000000 elements of computed constants"), (diagnostic.Descriptor.Id, diagnostic.Found));
    }

    private static OnnxFile Base(int opset) => Create([2, 3, 2, 2], opset);
}
