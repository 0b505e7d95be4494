using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Training.Engines;
using Subp.Training.Models;
using Subp.Training.Numerics;

namespace Subp.Training.Tests.Engines;

/// <summary>Tiny networks that together use every operator in every form the engine knows.</summary>
internal static class TestNetworks
{
    public static IReadOnlyDictionary<string, Func<Graph>> All { get; } =
        new Dictionary<string, Func<Graph>>
        {
            ["plain"] = Plain,
            ["residual"] = Residual,
            ["pools"] = Pools,
            ["fused"] = Fused,
            ["grouped"] = Grouped,
            ["slices"] = Slices,
            ["uneven"] = Uneven,
            ["wide"] = Wide,
        };

    /// <summary>Those of which a network in doubles, written to be obvious and not fast, is soon computed hundreds of times.</summary>
    public static IEnumerable<string> Small => All.Keys.Where(name => name != "wide");

    public static (WeightSet Weights, float[] Images, int[] Labels) Data(Graph graph, int images)
    {
        var random = new DeterministicRandom(31);
        var weights = WeightInitializer.Initialize(graph, 3);
        foreach (string name in weights.Names.Where(name => !name.EndsWith("weight", StringComparison.Ordinal)))
        {
            // Biases, scales and shifts away from 0 and 1, so that a missing factor shows; variances stay positive.
            float[] values = weights[name].Values;
            for (int i = 0; i < values.Length; i++)
                values[i] += 0.2f * ((float)random.NextDouble() - 0.5f);
        }

        int length = graph.Inputs[0].Shape.ElementCount;
        float[] pixels = [.. Enumerable.Range(0, images * length).Select(_ => (float)random.NextGaussian())];
        int classes = graph.ShapeOf(graph.Outputs[0]).Channels;
        return (weights, pixels, [.. Enumerable.Range(0, images).Select(_ => random.NextInt32(classes))]);
    }

    public static EngineRequest Request(Graph graph, WeightSet weights, int batchCapacity, int threads) =>
        new(graph, weights, batchCapacity, new EngineSettings { Threads = threads });

    public static WeightSet Copy(WeightSet weights)
    {
        var copy = new WeightSet();
        foreach (string name in weights.Names)
            copy[name] = new WeightTensor(weights[name].Shape, [.. weights[name].Values]);

        return copy;
    }

    private static Graph Plain()
    {
        var builder = new GraphBuilder("plain");
        string x = builder.Input("x", new TensorShape(1, 3, 7, 7));
        x = builder.BatchNorm("norm", builder.Conv2d("conv", x, 16, Window.Square(3, 1, 1)));
        x = builder.Node("relu", Activate.Relu, x);
        x = builder.Node("flat", new Flatten(), builder.Node("pool", new GlobalAveragePool(), x));
        builder.Output(builder.Linear("fc", x, 10));
        return builder.Build();
    }

    private static Graph Residual()
    {
        var builder = new GraphBuilder("residual");
        string x = builder.Input("x", new TensorShape(1, 1, 9, 8));
        x = builder.Node("r0", Activate.Relu, builder.BatchNorm("n0", builder.Conv2d("c0", x, 20, Window.Square(3, 1, 1))));
        string y = builder.Node("r1", Activate.Relu, builder.BatchNorm("n1", builder.Conv2d("c1", x, 36, Window.Square(3, 2, 1))));
        y = builder.BatchNorm("n2", builder.Conv2d("c2", y, 36, Window.Square(3, 1, 1)));
        string shortcut = builder.BatchNorm("n3", builder.Conv2d("c3", x, 36, Window.Square(1, 2)));
        x = builder.Node("r2", Activate.Relu, builder.Node("sum", new Add(), y, shortcut));
        x = builder.Node("flat", new Flatten(), builder.Node("pool", new GlobalAveragePool(), x));
        builder.Output(builder.Node("softmax", new Softmax(), builder.Linear("fc", x, 7)));
        return builder.Build();
    }

    private static Graph Pools()
    {
        var builder = new GraphBuilder("pools");
        string x = builder.Input("x", new TensorShape(1, 2, 11, 10));
        x = builder.Conv2d("c0", x, 18, Window.Square(3, 1, 1), bias: true);
        x = builder.Node("max", new Pool2d { Kind = PoolKind.Maximum, Window = Window.Square(3, 2, 1) }, x);
        x = builder.Conv2d("c1", x, 10, Window.Square(3, 1, 2));
        x = builder.Node("avg", new Pool2d { Kind = PoolKind.Average, Window = Window.Square(3, 2, 1) }, x);
        x = builder.Node(
            "avg2",
            new Pool2d
            {
                Kind = PoolKind.Average,
                Window = Window.Square(2, 2, 1),
                CountIncludesPadding = true,
            },
            x
        );
        builder.Output(builder.Linear("fc", builder.Node("flat", new Flatten(), x), 5));
        return builder.Build();
    }

    private static Graph Fused()
    {
        var builder = new GraphBuilder("fused");
        string x = builder.Input("x", new TensorShape(1, 3, 6, 6));
        string skip = builder.Conv2d("c0", x, 17, Window.Square(3, 1, 1), bias: true, activation: Activation.Relu6);
        string weight = builder.Parameter("c1.weight", new TensorShape(17, 17, 3, 3));
        string sum = builder.Node(
            "c1",
            new Conv2d
            {
                Weight = weight,
                Window = Window.Square(3, 1, 1),
                Activation = new Activation(-0.5f, 0.5f),
            },
            skip,
            skip
        );
        string clip = builder.Node("clip", new Activate { Activation = new Activation(-0.3f, 0.4f) }, sum);
        string add = builder.Node("add", new Add { Activation = Activation.Relu }, clip, skip);
        x = builder.Node("flat", new Flatten(), builder.Node("pool", new GlobalAveragePool(), add));
        builder.Output(builder.Linear("fc", x, 4));
        return builder.Build();
    }

    private static Graph Grouped()
    {
        var builder = new GraphBuilder("grouped");
        string x = builder.Input("x", new TensorShape(1, 4, 8, 8));
        x = builder.Conv2d("expand", x, 24, Window.Square(1), bias: true);
        x = builder.Node("r0", Activate.Relu6, builder.BatchNorm("n0", x));
        x = builder.Conv2d("depthwise", x, 24, Window.Square(3, 2, 1), groups: 24);
        x = builder.Conv2d("grouped", x, 12, Window.Square(3, 1, 1), groups: 3);
        x = builder.BatchNorm("n1", builder.Node("flat", new Flatten(), builder.Node("pool", new GlobalAveragePool(), x)));
        builder.Output(builder.Linear("fc", x, 20));
        return builder.Build();
    }

    // Every axis, steps, a source that is named twice, and the constant zeros of the CIFAR shortcuts.
    private static Graph Slices()
    {
        var builder = new GraphBuilder("slices");
        string x = builder.Input("x", new TensorShape(1, 3, 9, 8));
        string image = x;
        x = builder.Node("r0", Activate.Relu, builder.BatchNorm("n0", builder.Conv2d("c0", x, 20, Window.Square(3, 1, 1))));
        string rows = builder.Node("rows", Slice(2, 1, 9, 2), x);
        string columns = builder.Node("columns", Slice(3, 0, 8, 3), rows);
        string odd = builder.Node("odd", Slice(1, 1, 20, 3), columns);
        string zeros = builder.Node("zeros", new Activate(new Activation(0, 0)), odd);
        string small = builder.Node("small", Slice(3, 0, 8, 3), builder.Node("input.rows", Slice(2, 0, 8, 2), image));
        x = builder.Node("joined", new Concat(), zeros, columns, small, odd, odd);
        x = builder.Conv2d("c1", x, 17, Window.Square(1));
        x = builder.Node("features", Slice(1, 2, 30, 1), builder.Node("flat", new Flatten(), x));
        builder.Output(builder.Linear("fc", x, 6));
        return builder.Build();
    }

    private static Slice Slice(int axis, int begin, int end, int step) =>
        new()
        {
            Axis = axis,
            Begin = begin,
            End = end,
            Step = step,
        };

    // Padding that differs on every side, and average windows that hang over the padded image.
    private static Graph Uneven()
    {
        var builder = new GraphBuilder("uneven");
        var uneven = new Window(new Extent(3, 2), new Extent(2, 1), new Padding(0, 1, 2, 0), Extent.One);
        string x = builder.Input("x", new TensorShape(1, 2, 12, 11));
        x = builder.Conv2d("c0", x, 9, uneven, bias: true);
        x = builder.Node(
            "max",
            new Pool2d { Kind = PoolKind.Maximum, Window = Window.Square(2, 1, 1) with { Padding = new Padding(1, 0, 0, 1) } },
            x
        );
        x = builder.Node(
            "outside",
            new Pool2d { Kind = PoolKind.Average, Window = new Window(new Extent(2, 3), Extent.One, new Padding(1, 0, 0, 2), Extent.One) },
            x
        );
        x = builder.Node(
            "over",
            new Pool2d
            {
                Kind = PoolKind.Average,
                Window = new Window(new Extent(3, 3), new Extent(2, 2), new Padding(1, 1, 2, 2), Extent.One),
                CountIncludesPadding = true,
                Overhang = new Extent(1, 1),
            },
            x
        );
        builder.Output(builder.Linear("fc", builder.Node("flat", new Flatten(), x), 5));
        return builder.Build();
    }

    // Enough weights for gradients to be sent in several parts.
    private static Graph Wide()
    {
        var builder = new GraphBuilder("wide");
        string x = builder.Input("x", new TensorShape(1, 3, 6, 6));
        for (int layer = 0; layer < 3; layer++)
        {
            string name = FormattableString.Invariant($"c{layer}");
            string y = builder.BatchNorm($"{name}.norm", builder.Conv2d(name, x, 96, Window.Square(3, 1, 1)));
            x = builder.Node($"{name}.relu", Activate.Relu, layer == 0 ? y : builder.Node($"{name}.sum", new Add(), y, x));
        }

        builder.Output(builder.Linear("fc", builder.Node("flat", new Flatten(), builder.Node("pool", new GlobalAveragePool(), x)), 4));
        return builder.Build();
    }
}
