using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Testing;

namespace Subp.Roslyn.Tests.Kernels;

/// <summary>Layers without a pattern: dense, grouped and depthwise convolutions, pools, normalisations, heads.</summary>
internal static class DenseLayerCases
{
    /// <summary>The cases.</summary>
    public static IEnumerable<KernelCase> All() =>
        [
            KernelCase.Of("stem", new TensorShape(2, 3, 21, 23), Stem),
            KernelCase.Of("planar-fork", new TensorShape(1, 1, 12, 9), PlanarFork),
            KernelCase.Of("dense", new TensorShape(3, 40, 6, 7), Dense),
            KernelCase.Of("grouped", new TensorShape(1, 24, 9, 11), Grouped),
            KernelCase.Of("depthwise", new TensorShape(2, 21, 8, 10), Depthwise),
            KernelCase.Of("pools", new TensorShape(2, 18, 13, 11), Pools),
            KernelCase.Of("halo-behind-everything", new TensorShape(2, 17, 5, 6), HaloBehindEverything),
            KernelCase.Of("lenet", new TensorShape(2, 1, 16, 16), Lenet),
            KernelCase.Of("vectors", new TensorShape(3, 21), Vectors),
            KernelCase.Of("clamp-only", new TensorShape(2, 3, 4, 5), (builder, image) => builder.Node("clip", Activate.Relu6, image)),
            KernelCase.Of("batch-norm-only", new TensorShape(1, 20, 4, 5), (builder, image) => builder.BatchNorm("norm", image)),
        ];

    private static string Stem(GraphBuilder builder, string image)
    {
        var value = builder.Conv2d("stem", image, 20, Window.Square(7, stride: 2, padding: 3), bias: true);
        value = builder.Node("relu", Activate.Relu, builder.BatchNorm("norm", value));
        value = builder.Node("pool", new Pool2d { Kind = PoolKind.Maximum, Window = Window.Square(3, 2, 1) }, value);
        return builder.Conv2d("next", value, 13, Window.Square(3, padding: 1), activation: Activation.Relu6);
    }

    /// <summary>One planar input read by convolutions of different padding and by nothing else.</summary>
    private static string PlanarFork(GraphBuilder builder, string image)
    {
        var left = builder.Conv2d("left", image, 16, Window.Square(5, padding: 2), bias: true);
        var right = builder.Conv2d("right", image, 16, Window.Square(1), bias: true);
        return builder.Node("sum", new Add(), left, right);
    }

    private static string Dense(GraphBuilder builder, string image)
    {
        var first = builder.Conv2d("first", image, 37, Window.Square(3, padding: 1), bias: true, activation: Activation.Relu);
        var second = builder.Conv2d("second", first, 37, Window.Square(1));
        var sum = builder.Node("sum", new Add { Activation = Activation.Relu }, first, second);
        return builder.Conv2d("third", sum, 10, new Window(new(3, 2), new(2, 1), new(1, 1, 0, 0), new(1, 3)), bias: true);
    }

    private static string Grouped(GraphBuilder builder, string image)
    {
        var value = builder.Conv2d("three", image, 36, Window.Square(3, padding: 1), groups: 3, bias: true, activation: Activation.Relu);
        value = builder.Conv2d("two", value, 64, Window.Square(1), groups: 2);
        var four = builder.Conv2d("four", value, 64, Window.Square(3, padding: 1), groups: 4, bias: true);
        return builder.Node("sum", new Add(), four, value);
    }

    /// <summary>The last addition must not move into the depthwise layer, whose kernel knows no residual.</summary>
    private static string Depthwise(GraphBuilder builder, string image)
    {
        var first = builder.Conv2d("first", image, 21, Window.Square(3, padding: 1), groups: 21, bias: true, activation: Activation.Relu6);
        var second = builder.Conv2d("second", first, 21, Window.Square(5, stride: 2, padding: 2), groups: 21);
        var third = builder.Conv2d(
            "third",
            second,
            21,
            new Window(new(3, 2), Extent.One, new(2, 1, 2, 1), new(2, 2)),
            groups: 21,
            bias: true
        );
        return builder.Node("sum", new Add(), second, third);
    }

    private static string Pools(GraphBuilder builder, string image)
    {
        var value = Pool(builder, "maximum", image, PoolKind.Maximum, new Window(new(2, 3), new(1, 2), new(1, 2, 0, 1), Extent.One));
        value = Pool(builder, "dilated", value, PoolKind.Maximum, new Window(new(3, 2), Extent.One, new(2, 1, 3, 1), new(2, 2)));
        value = Pool(builder, "mean", value, PoolKind.Average, new Window(new(3, 3), new(2, 1), new(1, 1, 2, 0), Extent.One));
        return builder.Node(
            "padded",
            new Pool2d
            {
                Kind = PoolKind.Average,
                CountIncludesPadding = true,
                Window = Window.Square(2, 1, 1),
            },
            value
        );
    }

    private static string Pool(GraphBuilder builder, string node, string input, PoolKind kind, Window window) =>
        builder.Node(node, new Pool2d { Kind = kind, Window = window }, input);

    /// <summary>
    /// Each kind of step is read by a padded convolution, so each must zero the halo of its output, whatever the arena held before.
    /// </summary>
    private static string HaloBehindEverything(GraphBuilder builder, string image)
    {
        var same = Window.Square(3, padding: 1);
        string Padded(string node, string input) => builder.Conv2d(node, input, 17, same, bias: true);
        var value = Padded("after-input", image);
        value = Padded("after-pool", Pool(builder, "pool", value, PoolKind.Maximum, Window.Square(2)));
        value = Padded(
            "after-norm",
            builder.BatchNorm("norm", builder.Node("clip", new Activate { Activation = new Activation(-1, 1) }, value))
        );
        var depthwise = builder.Conv2d("depthwise", value, 17, same, groups: 17);
        value = Padded("after-depthwise", depthwise);
        value = builder.Node("sum", new Add(), value, depthwise);
        value = Padded("after-sum", builder.Node("twice", new Add(), value, value));
        return Padded("after-mean", builder.Node("mean", new GlobalAveragePool(), value));
    }

    private static string Lenet(GraphBuilder builder, string image)
    {
        var value = builder.Conv2d("conv1", image, 6, Window.Square(5, padding: 2), bias: true);
        value = Pool(builder, "pool1", builder.Node("relu1", Activate.Relu, value), PoolKind.Maximum, Window.Square(2, 2));
        value = builder.Conv2d("conv2", value, 16, Window.Square(3), bias: true);
        value = Pool(builder, "pool2", builder.Node("relu2", Activate.Relu, value), PoolKind.Average, Window.Square(3, 2, 1));
        value = builder.Node("flat", new Flatten(), builder.BatchNorm("norm", value));
        value = builder.Linear("hidden", value, 64, DrawnPattern.Uniform(16, 64, 144, 36));
        value = builder.Linear("logits", builder.Node("relu3", Activate.Relu, value), 10);
        return builder.Node("likely", new Softmax(), value);
    }

    private static string Vectors(GraphBuilder builder, string features)
    {
        var first = builder.Linear("first", features, 19);
        var second = builder.Node("relu", Activate.Relu, builder.Linear("second", first, 19));
        var sum = builder.Node("sum", new Add(), first, second);
        return builder.Linear("third", builder.BatchNorm("norm", sum), 2);
    }
}
