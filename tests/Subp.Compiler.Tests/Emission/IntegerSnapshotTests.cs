using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;
using Subp.Testing;
using Xunit;

namespace Subp.Compiler.Tests.Emission;

/// <summary>
/// The emitted file of one small layer of every kind that computes on bytes, as a user reads it: the same as
/// <see cref="LayerSnapshotTests"/>, for AVX-512 with the portable class cut.
/// </summary>
public sealed class IntegerSnapshotTests
{
    [Fact]
    public void A_sparse_convolution_of_one_pixel() =>
        Verify(
            "bytes-pointwise",
            new TensorShape(1, 32, 3, 5),
            32,
            Window.Square(1),
            pattern: new BlockPattern(
                16,
                32,
                [
                    [0, 5, 9, 14, 21],
                    [3, 7, 8, 12, 30],
                ]
            )
        );

    // With AVX-VNNI on processors that compute 512 bits beside 256 the channels of a tile are put together while the one before is
    // multiplied.
    [Fact]
    public void A_sparse_convolution_of_one_pixel_and_many_channels() =>
        Verify(
            "bytes-ahead",
            new TensorShape(1, 128, 4, 6),
            16,
            Window.Square(1),
            pattern: new BlockPattern(
                16,
                128,
                [
                    [.. Enumerable.Range(0, 20).Select(index => index * 6)],
                ]
            )
        );

    // Channels are put together by shuffles of bytes where there is no permutation of 64; the masks are made before the loop over rows.
    [Fact]
    public void A_sparse_convolution_without_Avx512() =>
        Verify(
            "bytes-shuffles",
            new TensorShape(1, 64, 3, 5),
            16,
            Window.Square(3, padding: 1),
            pattern: new BlockPattern(
                16,
                64,
                [
                    [.. Enumerable.Range(0, 32).Select(index => index * 2)],
                ]
            ),
            set: InstructionSet.Avx2
        );

    [Fact]
    public void A_convolution_of_three_by_three_pixels() =>
        Verify("bytes-taps", new TensorShape(1, 16, 4, 5), 16, Window.Square(3, padding: 1), Activation.Relu);

    [Fact]
    public void A_depthwise_convolution() =>
        Verify("bytes-depthwise", new TensorShape(1, 16, 4, 5), 16, Window.Square(3, padding: 1), Activation.Relu, groups: 16);

    [Fact]
    public void A_convolution_that_adds_what_its_input_was() =>
        Verify("bytes-residual", new TensorShape(1, 16, 3, 5), 16, Window.Square(1), addsInput: true);

    // The dequantisation between two layers, into blocks of floats.
    [Fact]
    public void A_conversion_between_layers_of_bytes_and_of_floats()
    {
        var files = SnapshotNetwork.Emit(
            new TensorShape(1, 32, 3, 5),
            (builder, image) =>
            {
                var bytes = builder.Node("bytes", new Quantize(), new Quantization(0.0079f, 126), image);
                return builder.Node("positive", Activate.Sigmoid, builder.Node("layer", new Dequantize(), bytes));
            },
            [InstructionSet.Avx512]
        );
        Snapshot.Verify(SnapshotNetwork.Select(files, null, [InstructionSet.Avx512]), "bytes-blocks", "cs");
    }

    private static void Verify(
        string name,
        TensorShape shape,
        int outputs,
        Window window,
        Activation? activation = null,
        BlockPattern? pattern = null,
        int groups = 1,
        bool addsInput = false,
        InstructionSet set = InstructionSet.Avx512
    )
    {
        var files = SnapshotNetwork.Emit(
            shape,
            (builder, image) =>
            {
                var bytes = builder.Node("bytes", new Quantize(), new Quantization(0.0079f, 126), image);
                builder.Parameter(
                    "weight",
                    new TensorShape(outputs, shape.Channels / groups, window.Kernel.Height, window.Kernel.Width),
                    ElementType.Int8,
                    pattern
                );
                var convolution = new Conv2d
                {
                    Weight = "weight",
                    WeightScale = builder.Parameter("scale", new TensorShape(outputs)),
                    Bias = builder.Parameter("bias", new TensorShape(outputs), ElementType.Int32),
                    Groups = groups,
                    Activation = activation ?? Activation.None,
                    Window = window,
                };
                var layer = builder.Node("layer", convolution, new Quantization(0.05f, 3), bytes);
                if (addsInput)
                    layer = builder.Node("sum", new Add { Activation = Activation.Relu }, new Quantization(0.06f, 2), layer, bytes);
                return builder.Node("floats", new Dequantize(), layer);
            },
            [set]
        );
        Snapshot.Verify(SnapshotNetwork.Select(files, part: null, [set]), name, "cs");
    }
}
