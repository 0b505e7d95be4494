using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Training.Engines;
using Subp.Training.Sparsification;

namespace Subp.Training.Tests.Engines;

/// <summary>
/// Three masked steps of a small network against PyTorch, number by number. <c>_recorded/record.py</c> made the numbers. The tolerance is
/// that of float32 sums in another order: 2e-5 of the largest value of a tensor.
/// </summary>
public abstract class RecordedSteps
{
    private static readonly Dictionary<string, float[]> Recorded = Read();

    protected abstract ITrainingEngineProvider Provider { get; }

    [Fact]
    public virtual void Three_masked_steps_agree_with_PyTorch()
    {
        var graph = Network();
        var weights = new WeightSet();
        ulong seed = 0;
        foreach (string name in Names(graph))
        {
            float[] values = Draw(++seed, graph.Parameter(name).Shape.ElementCount);
            if (name.EndsWith("scale", StringComparison.Ordinal) || name.EndsWith("variance", StringComparison.Ordinal))
                values = [.. values.Select(value => value + 1)];
            weights[name] = new WeightTensor(graph.Parameter(name).Shape, values);
        }

        float[] images = [.. Draw(101, 4 * 3 * 8 * 8).Select(value => value * 4)];
        int[] labels = [0, 3, 1, 4];
        using var engine = Provider.Create(new EngineRequest(graph, weights, 4, new EngineSettings { Threads = 2 }));
        engine.SetMask("body.weight", new BlockGrid(8, 8, 9, 8), BlockMask.FromBytes(1, 8, [1, 0, 1, 1, 0, 1, 0, 1]));
        var settings = new StepSettings(0.1f, 0.9f, 5e-3f, 0.1f, SparseRefinement: 2e-2f);
        var losses = new List<float>();
        for (int step = 0; step < 3; step++)
        {
            if (step == 0)
            {
                // Without a step, and with the statistics put back, so that the gradients are those before the SR-STE term.
                engine.ComputeGradients(images, labels, 0.1f);
                foreach (string name in weights.Names)
                {
                    if (engine.Gradient(name).Length > 0)
                        AssertClose(name + "/gradient", engine.Gradient(name));
                    else
                        engine.SetValues(name, weights[name].Values);
                }
            }

            losses.Add((float)engine.Train(images, labels, settings).Loss);
        }

        AssertClose("losses", losses.ToArray());
        foreach (string name in weights.Names)
        {
            AssertClose(name + "/value", engine.Values(name));
            if (engine.Momentum(name).Length > 0)
                AssertClose(name + "/momentum", engine.Momentum(name));
        }

        var prediction = new float[4 * 5];
        engine.Predict(images, 4, prediction);
        AssertClose("prediction", prediction);
    }

    private static void AssertClose(string name, ReadOnlySpan<float> found)
    {
        float[] expected = Recorded[name];
        Assert.Equal(expected.Length, found.Length);
        float scale = Math.Max(1e-3f, expected.Max(Math.Abs));
        for (int i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - found[i]) <= 2e-5f * scale, $"{name}[{i}]: PyTorch {expected[i]}, found {found[i]}");
    }

    // In the order in which the script draws them.
    private static string[] Names(Graph graph) => [.. graph.Parameters.Select(parameter => parameter.Name)];

    private static Graph Network()
    {
        var builder = new GraphBuilder("recorded");
        string x = builder.Input("x", new TensorShape(1, 3, 8, 8));
        x = builder.Node("stem.relu", Activate.Relu, builder.BatchNorm("stem.norm", builder.Conv2d("stem", x, 8, Window.Square(3, 1, 1))));
        x = builder.Node("max", new Pool2d { Kind = PoolKind.Maximum, Window = Window.Square(2, 2) }, x);
        string y = builder.BatchNorm("body.norm", builder.Conv2d("body", x, 8, Window.Square(3, 1, 1)));
        x = builder.Node("relu6", Activate.Relu6, builder.Node("sum", new Add(), y, x));
        x = builder.Conv2d("depthwise", x, 8, Window.Square(3, 1, 1), groups: 8, bias: true);
        x = builder.Node("swapped", new Concat(), Half(builder, "high", x, 4), Half(builder, "low", x, 0));
        x = builder.Node("flat", new Flatten(), builder.Node("pool", new GlobalAveragePool(), x));
        builder.Output(builder.Linear("fc", x, 5));
        return builder.Build();
    }

    private static string Half(GraphBuilder builder, string name, string input, int begin) =>
        builder.Node(
            name,
            new Slice
            {
                Axis = 1,
                Begin = begin,
                End = begin + 4,
            },
            input
        );

    private static float[] Draw(ulong state, int count)
    {
        var values = new float[count];
        for (int i = 0; i < count; i++)
        {
            state = ((state * 1103515245) + 12345) % (1UL << 31);
            values[i] = (float)((state / (double)(1UL << 31)) - 0.5);
        }

        return values;
    }

    private static Dictionary<string, float[]> Read()
    {
        string path = Path.Combine(RepositoryRoot.Path, "tests", "Subp.Training.Tests", "Engines", "_recorded", "steps.safetensors");
        return SafetensorsReader
            .Read(File.ReadAllBytes(path), path)
            .Tensors.ToDictionary(tensor => tensor.Name, tensor => tensor.ToFloats());
    }
}
