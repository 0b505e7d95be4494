using static Subp.Onnx.Tests.OnnxFile;

namespace Subp.Cli.Tests.OnnxRuntime;

/// <summary>Layers over volumes are those of ONNX Runtime, from the file and from what is written of it.</summary>
public sealed class VolumeTests
{
    private static readonly int[] s_volume = [2, 4, 7, 6, 9];

    public static TheoryData<string, int[], int[], int[], int[], int> Convolutions =>
        new()
        {
            { "plain", [3, 3, 3], [1, 1, 1], [1, 1, 1], [0, 0, 0, 0, 0, 0], 1 },
            { "padded", [3, 3, 3], [1, 1, 1], [1, 1, 1], [1, 1, 1, 1, 1, 1], 1 },
            { "stride", [3, 3, 3], [2, 2, 2], [1, 1, 1], [1, 1, 1, 1, 1, 1], 2 },
            { "dilated, uneven", [2, 3, 1], [1, 2, 1], [3, 1, 1], [2, 0, 1, 1, 1, 0], 1 },
            { "images", [1, 3, 3], [1, 1, 1], [1, 1, 1], [0, 1, 1, 0, 1, 1], 1 },
            { "every second image", [1, 1, 1], [2, 1, 1], [1, 1, 1], [0, 0, 0, 0, 0, 0], 1 },
            { "depth", [5, 1, 1], [1, 1, 1], [1, 1, 1], [2, 0, 0, 2, 0, 0], 1 },
            { "depthwise", [3, 3, 3], [1, 2, 2], [1, 1, 1], [1, 1, 1, 1, 1, 1], 4 },
        };

    [Theory]
    [MemberData(nameof(Convolutions))]
    public void A_convolution(string name, int[] kernel, int[] strides, int[] dilations, int[] pads, int groups)
    {
        var file = Create(s_volume);
        file.Constant("w", [8, 4 / groups, .. kernel], Numbers(8 * 4 / groups * kernel[0] * kernel[1] * kernel[2], name.Length));
        file.Constant("b", [8], Numbers(8, 3));
        file.Node("Conv", "x w b", "y", Lists(strides, dilations, pads, groups));
        FileComparison.Run(file, s_volume, 1e-4);
    }

    [Theory]
    [MemberData(nameof(Convolutions))]
    public void A_transposed_convolution(string name, int[] kernel, int[] strides, int[] dilations, int[] pads, int groups)
    {
        var file = Create(s_volume);
        file.Constant("w", [4, 8 / groups, .. kernel], Numbers(4 * 8 / groups * kernel[0] * kernel[1] * kernel[2], name.Length));
        var added = strides.Select(stride => stride > 1 ? 1L : 0).ToArray();
        file.Node("ConvTranspose", "x w", "y", [.. Lists(strides, dilations, pads, groups), List("output_padding", added)]);
        FileComparison.Run(file, s_volume, 1e-4);
    }

    [Theory]
    [InlineData("MaxPool", 0, 0, 2, 2)]
    [InlineData("MaxPool", 1, 0, 3, 2)]
    [InlineData("MaxPool", 0, 1, 2, 3)]
    [InlineData("MaxPool", 0, 0, 1, 1)]
    [InlineData("AveragePool", 0, 0, 2, 2)]
    [InlineData("AveragePool", 1, 0, 3, 2)]
    [InlineData("AveragePool", 1, 0, 3, 1)]
    [InlineData("AveragePool", 0, 1, 2, 3)]
    public void A_pool(string pool, int pad, int ceil, int kernel, int stride)
    {
        var attributes = new[]
        {
            List("kernel_shape", kernel, kernel, kernel),
            List("strides", stride, stride, stride),
            List("pads", pad, pad, pad, pad, pad, pad),
            Integer("ceil_mode", ceil),
        };
        FileComparison.Run(Create(s_volume, 19).Node(pool, "x", "y", attributes), s_volume, 1e-5);
        if (pool == "AveragePool" && ceil == 0)
            FileComparison.Run(Create(s_volume, 19).Node(pool, "x", "y", [.. attributes, Integer("count_include_pad", 1)]), s_volume, 1e-5);
    }

    // As networks for video and scans are built: blocks with a residual, a pool between them, a step up, a classifier.
    [Fact]
    public void A_network_with_residuals_pools_and_a_step_up()
    {
        int[] extents = [1, 2, 6, 8, 8];
        var file = Create(extents)
            .Constant("a", [8, 2, 3, 3, 3], Numbers(8 * 2 * 27, 1))
            .Constant("b", [8, 8, 3, 3, 3], Numbers(64 * 27, 2))
            .Constant("u", [8, 4, 2, 2, 2], Numbers(32 * 8, 3))
            .Constant("scale", [8], Numbers(8, 4))
            .Constant("variance", [8], 1, 2, 3, 4, 1, 2, 3, 4)
            .Node("Conv", "x a", "c", List("pads", 1, 1, 1, 1, 1, 1))
            .Node("BatchNormalization", "c scale scale scale variance", "m")
            .Node("Relu", "m", "r")
            .Node("Conv", "r b", "d", List("pads", 1, 1, 1, 1, 1, 1))
            .Node("BatchNormalization", "d scale scale scale variance", "e")
            .Node("Add", "e r", "s")
            .Node("Relu", "s", "t")
            .Node("MaxPool", "t", "p", List("kernel_shape", 2, 2, 2), List("strides", 2, 2, 2))
            .Node("ConvTranspose", "p u", "q", List("strides", 2, 2, 2))
            .Node("Sigmoid", "q", "g")
            .Node("GlobalAveragePool", "g", "h")
            .Node("Flatten", "h", "y");
        FileComparison.Run(file, extents, 1e-4);
    }

    private static Subp.Onnx.Protos.AttributeProto[] Lists(int[] strides, int[] dilations, int[] pads, int groups) =>
        [
            List("strides", [.. strides.Select(value => (long)value)]),
            List("dilations", [.. dilations.Select(value => (long)value)]),
            List("pads", [.. pads.Select(value => (long)value)]),
            Integer("group", groups),
        ];

    private static float[] Numbers(int count, int seed) =>
        [.. Enumerable.Range(0, count).Select(index => (float)(0.2 * Math.Sin((index * 1.7) + seed)))];
}
