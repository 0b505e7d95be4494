using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Roslyn.Tests.Kernels;

/// <summary>Values that are seen under other dimensions, networks that change nothing, windows larger than the plane.</summary>
internal static class ShapeCases
{
    /// <summary>The cases.</summary>
    public static IEnumerable<KernelCase> All() =>
        [
            KernelCase.Of("identity-image", new TensorShape(2, 19, 3, 5), (_, image) => image),
            KernelCase.Of("identity-vector", new TensorShape(2, 19), (_, vector) => vector),
            KernelCase.Of("identity-reshape", new TensorShape(1, 5), (builder, vector) => builder.Node("y", new Reshape(1, 5), vector)),
            KernelCase.Of("vector-to-image", new TensorShape(2, 21 * 12), VectorToImage),
            KernelCase.Of("vector-to-pixels", new TensorShape(3, 19), VectorToPixels),
            KernelCase.Of("channels-last", new TensorShape(2, 6, 5, 1), ChannelsLast),
            KernelCase.Of("joined-batch", new TensorShape(3, 5, 2, 3), JoinedBatch),
            KernelCase.Of("plane-smaller-than-window", new TensorShape(2, 18, 2, 4), SmallPlanes),
        ];

    // The padded convolution wants zeros around what the copy writes.
    private static string VectorToImage(GraphBuilder builder, string vector)
    {
        var image = builder.Node("image3", new Reshape(2, 21, 3, 4), builder.Node("relu", Activate.Relu, vector));
        return builder.Conv2d("conv", image, 9, Window.Square(3, padding: 1), bias: true);
    }

    private static string VectorToPixels(GraphBuilder builder, string vector)
    {
        var gate = builder.Node("gate", new Reshape(3, 19, 1, 1), builder.Node("soft", Activate.Sigmoid, vector));
        var image = builder.Node("wide", new Reshape(3, 1, 1, 19), builder.Node("product", new Mul(), gate, gate));
        return builder.Node("end", new Softmax(), builder.Node("flat", new Flatten(), image));
    }

    // One channel after the others is the same memory as one channel before them.
    private static string ChannelsLast(GraphBuilder builder, string image) =>
        builder.Conv2d("conv", builder.Node("turned", new Reshape(2, 1, 6, 5), image), 20, Window.Square(3, padding: 1), bias: true);

    private static string JoinedBatch(GraphBuilder builder, string image)
    {
        var joined = builder.Linear("linear", builder.Node("all", new Reshape(1, 90), image), 40);
        var parts = builder.Node("parts", new Reshape(2, 5, 2, 2), joined);
        return builder.Node("end", new Reshape(4, 10), builder.Node("relu", Activate.Relu, parts));
    }

    // What ceil mode makes of planes that are smaller than the window: padding at the end that no element of the image lies behind.
    private static string SmallPlanes(GraphBuilder builder, string image)
    {
        var window = new Window(new Extent(3, 5), new Extent(2, 2), new Padding(0, 0, 1, 1), Extent.One);
        var largest = builder.Node("largest", new Pool2d { Kind = PoolKind.Maximum, Window = window }, image);
        var mean = builder.Node("mean", new Pool2d { Kind = PoolKind.Average, Window = window }, image);
        var counted = builder.Node(
            "counted",
            new Pool2d
            {
                Kind = PoolKind.Average,
                Window = window,
                CountIncludesPadding = true,
                Overhang = new Extent(1, 1),
            },
            image
        );
        return builder.Node("end", new Concat(), largest, mean, counted);
    }
}
