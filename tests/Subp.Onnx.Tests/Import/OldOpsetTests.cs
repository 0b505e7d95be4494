using Subp.Core.Diagnostics;
using Subp.Core.Interpretation;
using Xunit;
using static Subp.Onnx.Tests.OnnxFile;

namespace Subp.Onnx.Tests.Import;

/// <summary>Forms that the standard had before opset 7, and that the same words no longer mean.</summary>
public class OldOpsetTests
{
    [Fact]
    public void A_second_operand_stands_along_the_axis_that_the_attribute_names()
    {
        OnnxFile Add(params long[] axis)
        {
            var attributes = axis.Length == 0 ? [Integer("broadcast", 1)] : new[] { Integer("broadcast", 1), Integer("axis", axis[0]) };
            return Create([1, 2, 2], 6).Constant("b", [2], 10, 20).Node("Add", "x b", "y", attributes);
        }

        Assert.Equal([11, 22, 13, 24], Run(Add(), 1, 2, 3, 4));
        Assert.Equal([11, 12, 23, 24], Run(Add(1), 1, 2, 3, 4));
        Refused("the axis 3", Add(3));
        Refused("the shapes [1,2,2] and [2] without broadcast", Create([1, 2, 2], 6).Constant("b", [2], 1, 2).Node("Add", "x b", "y"));
    }

    [Fact]
    public void Constants_of_an_old_file_are_computed_by_the_old_rules()
    {
        var file = Create([2, 2], 6).Constant("a", [2, 2], 1, 2, 3, 4).Constant("b", [2], 10, 20);
        file.Node("Mul", "a b", "c", Integer("broadcast", 1), Integer("axis", 0)).Node("Add", "x c", "y");
        Assert.Equal([10, 20, 60, 80], Run(file, 0, 0, 0, 0));
    }

    [Fact]
    public void The_slope_of_a_PRelu_is_one_per_channel()
    {
        var file = Create([1, 2, 1, 2], 6).Constant("s", [2], 0.5f, 0.25f).Node("PRelu", "x s", "y");
        Assert.Equal([-2, 1, -1, -2], Run(file, -4, 1, -4, -8));
    }

    [Fact]
    public void What_became_an_input_was_an_attribute()
    {
        Assert.Equal(["y = flatten(x) [1,4]"], Create([1, 2, 2], 4).Node("Reshape", "x", "y", List("shape", 0, -1)).ImportedNodes());
        Assert.Equal([0, 7, 0], Run(Create([1, 1], 1).Node("Pad", "x", "y", List("paddings", 0, 1, 0, 1)), 7));
        Assert.Equal([1, 2], Run(Create([1, 2], 5).Node("Cast", "x", "y", Text("to", "FLOAT")), 1, 2));
        Assert.Equal(
            [1, 1, 2, 2],
            Run(
                Create([1, 1, 2], 3)
                    .Node("Transpose", "x", "t", List("perm", 0, 2, 1))
                    .Node("Concat", "t t", "u", Integer("axis", 2))
                    .Node("Relu", "u", "y"),
                1,
                2
            )
        );
        Assert.Equal([-1.6732f * 1.0507f], Run(Create([1, 1], 1).Node("Selu", "x", "y"), -100), (a, b) => Math.Abs(a - b) < 1e-6f);
    }

    [Fact]
    public void A_node_says_that_it_is_used_for_inference()
    {
        OnnxFile Drop(long isTest) => Create([1, 2], 6).Node("Dropout", "x", "d", Integer("is_test", isTest)).Node("Relu", "d", "y");
        Assert.Equal([1, 2], Run(Drop(1), 1, 2));
        Refused("is_test = 0", Drop(0));
        Refused("is_test = 0", Create([1, 1, 1, 1], 6).Weight("w", 1).Node("BatchNormalization", "x w w w w", "y"));
    }

    private static void Refused(string found, OnnxFile file)
    {
        var diagnostic = Assert.Throws<SubpException>(() => file.Import()).Diagnostic;
        Assert.Equal("SUBP0404", diagnostic.Descriptor.Id);
        Assert.StartsWith(found, diagnostic.Found, StringComparison.Ordinal);
    }

    private static float[] Run(OnnxFile file, params float[] input)
    {
        var model = file.Import();
        var output = new float[model.Graph.ShapeOf(model.Graph.Outputs[0]).ElementCount];
        new ReferenceInterpreter(model).Run(input, output);
        return output;
    }
}
