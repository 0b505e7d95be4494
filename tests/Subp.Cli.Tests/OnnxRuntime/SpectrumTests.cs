using Subp.Onnx.Tests;

namespace Subp.Cli.Tests.OnnxRuntime;

/// <summary>Fourier transforms are those of ONNX Runtime, from the file and from what is written of it.</summary>
public sealed class SpectrumTests
{
    // Of numbers up to some hundreds; ONNX Runtime's transforms of sizes that are no power of two lose a digit.
    private const double Tolerance = 1e-3;

    [Theory]
    [InlineData(1, 0, 0, 0)]
    [InlineData(1, 0, 0, 1)]
    [InlineData(1, 12, 0, 1)]
    [InlineData(1, 33, 0, 0)]
    [InlineData(2, 0, 0, 0)]
    [InlineData(2, 0, 1, 0)]
    [InlineData(2, 17, 1, 0)]
    public void A_transform_along_an_axis_is_that_of_ONNX_Runtime(int parts, long length, int inverse, int half)
    {
        foreach (var axis in new[] { 1, 2 })
        {
            int[] extents = [2, 21, 16, parts];
            var file = OnnxFile.Create(extents);
            if (length > 0)
                file.Integers("list", length).Integers("none").Node("Reshape", "list none", "length");
            file.Node(
                "DFT",
                length > 0 ? "x length" : "x",
                "y",
                OnnxFile.Integer("axis", axis),
                OnnxFile.Integer("inverse", inverse),
                OnnxFile.Integer("onesided", half)
            );
            FileComparison.Run(file, extents, Tolerance);
        }
    }

    [Fact]
    public void Since_opset_20_the_axis_is_an_input()
    {
        int[] extents = [2, 5, 24, 1];
        FileComparison.Run(OnnxFile.Create(extents, opset: 20).Node("DFT", "x", "y"), extents, Tolerance);
        var file = OnnxFile.Create(extents, opset: 20).Integers("list", 1).Integers("none").Node("Reshape", "list none", "axis");
        FileComparison.Run(file.Node("DFT", "x  axis", "y", OnnxFile.Integer("onesided", 1)), extents, Tolerance);
    }

    [Theory]
    [InlineData(3, 400, 160, true, 1)]
    [InlineData(2, 64, 64, true, 1)]
    [InlineData(3, 100, 30, false, 0)]
    public void Short_transforms_of_sound_are_those_of_ONNX_Runtime(int rank, int length, int step, bool hasWindow, int half)
    {
        int[] extents = rank == 3 ? [2, 1000, 1] : [2, 1000];
        var file = OnnxFile.Create(extents).Integers("steps", step).Integers("lengths", length).Integers("none");
        file.Node("Reshape", "steps none", "step").Node("Reshape", "lengths none", "length");
        if (hasWindow)
            file.Constant(
                "window",
                [length],
                [.. Enumerable.Range(0, length).Select(n => 0.5f - (0.5f * MathF.Cos(2 * MathF.PI * n / length)))]
            );
        file.Node("STFT", hasWindow ? "x step window length" : "x step  length", "y", OnnxFile.Integer("onesided", half));
        FileComparison.Run(file, extents, 5 * Tolerance);
    }

    // As networks that read sound begin: power, bands, a logarithm.
    [Fact]
    public void The_logarithm_of_bands_of_sound_is_that_of_ONNX_Runtime()
    {
        int[] extents = [1, 1200];
        var random = new Random(1);
        var file = OnnxFile
            .Create(extents)
            .Integers("steps", 100)
            .Integers("none")
            .Integers("last", -1)
            .Node("Reshape", "steps none", "step")
            .Constant("window", [256], [.. Enumerable.Range(0, 256).Select(n => 0.5f - (0.5f * MathF.Cos(2 * MathF.PI * n / 256)))])
            .Node("STFT", "x step window", "spectrum", OnnxFile.Integer("onesided", 1))
            .Node("Mul", "spectrum spectrum", "squares")
            .Node("ReduceSum", "squares last", "power", OnnxFile.Integer("keepdims", 0))
            .Constant("bands", [129, 20], [.. Enumerable.Range(0, 129 * 20).Select(_ => (float)random.NextDouble())])
            .Node("MatMul", "power bands", "energies")
            .Constant("least", [], 1e-6f)
            .Node("Max", "energies least", "some")
            .Node("Log", "some", "y");
        FileComparison.Run(file, extents, Tolerance);
    }

    [Fact]
    public void A_signal_that_is_shorter_than_a_frame_is_refused()
    {
        var file = OnnxFile.Create([1, 100]).Integers("steps", 10).Integers("lengths", 128).Integers("none");
        file.Node("Reshape", "steps none", "step").Node("Reshape", "lengths none", "length").Node("STFT", "x step  length", "y");
        var error = Assert.Throws<Subp.Core.Diagnostics.SubpException>(() => file.Import());
        Assert.Contains("1 to 100 samples", error.Message, StringComparison.Ordinal);
    }
}
