using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;

namespace Subp.Core.Tests.Text;

/// <summary>Small hand-made graphs that the tests share.</summary>
internal static class SampleGraphs
{
    /// <summary>Every operator, both kinds of pattern, quoted names and metadata.</summary>
    public static Graph Everything()
    {
        var builder = new GraphBuilder("every \"thing\"")
        {
            Metadata = new ModelMetadata
            {
                ClassNames = ["T-shirt/top", "Größe 1\n", "tab\tand \\"],
                NormalizationMean = [0.2860f],
                NormalizationDeviation = [0.3530f],
            },
        };
        var image = builder.Input("image", new TensorShape(1, 3, 9, 11));
        var stem = builder.Conv2d("stem", image, 8, new Window(new(3, 2), new(2, 1), new(1, 0, 1, 1), new(1, 2)), bias: true,
            activation: new Activation(-0.5f, 1.25f));
        var norm = builder.BatchNorm("/norm 1", stem);
        var relu = builder.Node("relu", Clip.Relu, norm);
        var clip = builder.Node("clip", new Clip { Activation = Activation.Relu6 }, relu);
        var pattern = new BlockPattern(4, 8, [[0, 3, 7], [1, 2, 4]]);
        var sparse = builder.Conv2d("sparse", clip, 8, Window.Square(3, padding: 1), pattern: pattern, activation: Activation.Relu);
        var uneven = new BlockPattern(2, 4, [[0], [], [1, 3], [2]]);
        var grouped = builder.Conv2d("grouped", sparse, 8, Window.Square(1), groups: 2, pattern: uneven);
        var blocked = builder.Node("blocked", new ChangeLayout(), [grouped], Layout.Blocked16);
        var sum = builder.Node("sum", new Add { Activation = Activation.Relu6 }, [blocked, sparse], Layout.Planar);
        var largest = builder.Node("largest", new Pool2d { Kind = PoolKind.Maximum, Window = Window.Square(3, 2, 1) }, sum);
        var mean = builder.Node("mean", new Pool2d { Kind = PoolKind.Average, Window = Window.Square(2), CountIncludesPadding = true }, largest);
        var pooled = builder.Node("pooled", new GlobalAveragePool(), mean);
        var flat = builder.Node("flat", new Flatten(), pooled);
        var logits = builder.Linear("logits", flat, 4, new BlockPattern(4, 8, [[1, 6]]));
        var likely = builder.Node("likely", new Softmax(), logits);
        builder.Output(likely);
        builder.Output(logits);
        return builder.Build();
    }

    /// <summary>One sparse convolution 16 to 16 channels, one block in two kept.</summary>
    public static Graph OneSparseConvolution()
    {
        var builder = new GraphBuilder("one");
        var image = builder.Input("image", new TensorShape(1, 4, 5, 5));
        builder.Output(builder.Conv2d("conv", image, 32, Window.Square(3, padding: 1), bias: true,
            pattern: new BlockPattern(16, 4, [[0, 2], [1, 3]])));
        return builder.Build();
    }
}
