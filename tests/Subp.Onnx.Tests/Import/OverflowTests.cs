using Subp.Core.Diagnostics;
using Xunit;
using static Subp.Onnx.Tests.OnnxFile;
using DataType = Subp.Onnx.Protos.TensorProto.Types.DataType;
using Dimension = Subp.Onnx.Protos.TensorShapeProto.Types.Dimension;

namespace Subp.Onnx.Tests.Import;

/// <summary>
/// Dimensions and attributes whose products and sums leave 32 or 64 bits are diagnostics, before anything is allocated for them.
/// </summary>
public class OverflowTests
{
    private const long MostAllocated = 4 << 20;
    private static readonly int[] Image = [1, 2, 4, 4];

    public static TheoryData<long, long> GiantDimensions =>
        new()
        {
            { int.MaxValue, int.MaxValue },
            { 1L << 32, 1 },
            { 1L << 31, 1L << 33 },
            { 1L << 40, 1L << 40 },
            { long.MaxValue, long.MaxValue },
            { 1L << 32, 1L << 32 },
            { -1, 16 },
            { long.MinValue, 2 },
            { 65536, 65536 },
        };

    [Theory]
    [MemberData(nameof(GiantDimensions))]
    public void Giant_declared_dimensions_of_a_weight_are_diagnostics(long first, long second) =>
        Fails(file =>
        {
            file.Graph.Initializer.Add(
                new Protos.TensorProto
                {
                    Name = "w",
                    DataType = (int)DataType.Float,
                    Dims = { first, second, 1, 1 },
                    FloatData = { 1 },
                }
            );
            file.Node("Conv", "x w", "y");
        });

    [Theory]
    [MemberData(nameof(GiantDimensions))]
    public void Giant_declared_dimensions_of_the_input_are_diagnostics(long first, long second) =>
        Fails(file =>
        {
            file.Graph.Input.Clear();
            file.Graph.Input.Add(
                Value(
                    "x",
                    new Dimension { DimValue = 1 },
                    new Dimension { DimValue = first },
                    new Dimension { DimValue = second },
                    new Dimension { DimValue = 3 }
                )
            );
            file.Node("Relu", "x", "y");
        });

    [Theory]
    [InlineData("pads", long.MaxValue)]
    [InlineData("pads", int.MaxValue)]
    [InlineData("pads", long.MinValue)]
    [InlineData("dilations", long.MaxValue)]
    [InlineData("dilations", int.MaxValue)]
    [InlineData("dilations", 1L << 31)]
    [InlineData("strides", long.MinValue)]
    [InlineData("strides", 1L << 32)]
    [InlineData("kernel_shape", long.MaxValue)]
    [InlineData("group", long.MaxValue)]
    [InlineData("group", int.MinValue)]
    public void Attributes_of_a_convolution_that_leave_32_bits_are_diagnostics(string attribute, long value) =>
        Fails(file =>
            file.Weight("w", 2, 2, 3, 3)
                .Node(
                    "Conv",
                    "x w",
                    "y",
                    attribute switch
                    {
                        "group" => Integer(attribute, value),
                        "pads" => List(attribute, value, value, value, value),
                        _ => List(attribute, value, value),
                    }
                )
        );

    [Theory]
    [InlineData("kernel_shape", long.MaxValue)]
    [InlineData("kernel_shape", int.MaxValue)]
    [InlineData("pads", int.MaxValue)]
    public void Attributes_of_a_pool_that_leave_32_bits_are_diagnostics(string attribute, long value) =>
        Fails(file =>
            file.Node(
                "MaxPool",
                "x",
                "y",
                attribute == "pads" ? List("kernel_shape", 2, 2) : List(attribute, value, value),
                attribute == "pads" ? List(attribute, value, value, value, value) : Integer("ceil_mode", 1)
            )
        );

    [Theory]
    [InlineData(1L << 32, 1L << 32)]
    [InlineData(long.MaxValue, long.MaxValue)]
    [InlineData(1L << 62, 8)]
    [InlineData(-1, 1L << 40)]
    [InlineData(-1, -1)]
    public void A_reshape_whose_product_leaves_64_bits_is_a_diagnostic(long first, long second) =>
        Fails(file => file.Integers("shape", first, second).Node("Reshape", "x shape", "y"));

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(int.MaxValue)]
    [InlineData(long.MinValue)]
    public void A_padding_that_leaves_32_bits_is_a_diagnostic(long amount) =>
        Fails(file => file.Integers("pads", 0, 0, amount, amount, 0, 0, amount, amount).Node("Pad", "x pads", "y"));

    [Fact]
    public void Channels_that_double_until_they_leave_32_bits_are_a_diagnostic() =>
        Fails(file =>
        {
            for (var step = 0; step < 40; step++)
                file.Node("Concat", step == 0 ? "x x" : $"c{step} c{step}", $"c{step + 1}", Integer("axis", 1));
            file.Node("Relu", "c40", "y");
        });

    [Fact]
    public void A_slice_to_the_largest_number_means_to_the_end_and_is_no_overflow()
    {
        var file = Create(Image).Integers("from", 1).Integers("to", long.MaxValue).Integers("axis", 1).Node("Slice", "x from to axis", "y");
        Assert.Equal("[1,1,4,4]", file.Import().Graph.Nodes[^1].Shape.ToString());
    }

    private static void Fails(Action<OnnxFile> build)
    {
        var file = Create(Image);
        build(file);
        var bytes = file.ToBytes();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var diagnostic = Assert.Throws<SubpException>(() => OnnxImporter.Import(bytes, "net.onnx")).Diagnostic;
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostAllocated);
        Assert.StartsWith("net.onnx", diagnostic.Location, StringComparison.Ordinal);
    }
}
