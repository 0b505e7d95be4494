using Subp.Onnx.Tests;

namespace Subp.Cli.Tests.OnnxRuntime;

/// <summary>The best elements and their places are those of ONNX Runtime, from the file and from what is written of it.</summary>
public sealed class TopKTests
{
    // Whole numbers of few values, so that many are equal; the places say which of them came first.
    [Theory]
    [InlineData(-1, 5, true)]
    [InlineData(0, 6, true)]
    [InlineData(1, 3, false)]
    [InlineData(2, 1, true)]
    [InlineData(2, 37, false)]
    public void Elements_and_places_are_those_of_ONNX_Runtime(int axis, long count, bool largest)
    {
        var file = OnnxFile
            .Create([6, 7, 37])
            .Integers("k", count)
            .Node("Round", "x", "few")
            .Node("TopK", "few k", "values places", OnnxFile.Integer("axis", axis), OnnxFile.Integer("largest", largest ? 1 : 0))
            .Node("Cast", "places", "numbers", OnnxFile.Integer("to", 1))
            .Constant("scale", [], 0.001f)
            .Node("Mul", "numbers scale", "small")
            .Node("Add", "values small", "y");
        FileComparison.Run(file, [6, 7, 37], 1e-6);
    }

    // As detectors without suppression end: the best of all scores, their boxes and classes.
    [Fact]
    public void Rows_and_classes_of_the_best_scores_are_those_of_ONNX_Runtime()
    {
        var file = OnnxFile
            .Create([1, 50, 12])
            .Integers("k", 20)
            .Integers("flat", 1, 600)
            .Integers("eight", 12)
            .Integers("last", -1)
            .Integers("repeats", 1, 1, 4)
            .Integers("front", 0, 0, 0)
            .Integers("behind", 1, 50, 4)
            .Node("Reshape", "x flat", "scores")
            .Node("TopK", "scores k", "best places")
            .Node("Div", "places eight", "rows")
            .Node("Mod", "places eight", "classes")
            .Node("Unsqueeze", "rows last", "upright")
            .Node("Tile", "upright repeats", "each")
            .Node("Slice", "x front behind", "boxes")
            .Node("GatherElements", "boxes each", "taken", OnnxFile.Integer("axis", 1))
            .Node("Cast", "classes", "which", OnnxFile.Integer("to", 1))
            .Node("Unsqueeze", "best last", "score")
            .Node("Unsqueeze", "which last", "class")
            .Node("Concat", "taken score class", "y", OnnxFile.Integer("axis", 2));
        FileComparison.Run(file, [1, 50, 12], 0);
    }
}
