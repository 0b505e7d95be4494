using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Training.Data;
using Subp.Training.Numerics;

namespace Subp.Training.Tests.Runs;

/// <summary>Four classes of 8x8 images that a small network tells apart: a bright quadrant in noise.</summary>
internal static class SyntheticImages
{
    public static ImageDataset Create(int count, ulong seed = 5)
    {
        var random = new DeterministicRandom(seed);
        var pixels = new byte[count * 64];
        var labels = new byte[count];
        for (int i = 0; i < count; i++)
        {
            labels[i] = (byte)random.NextInt32(4);
            for (int p = 0; p < 64; p++)
            {
                bool bright = (p / 8 / 4 * 2) + (p % 8 / 4) == labels[i];
                pixels[(i * 64) + p] = (byte)(random.NextInt32(120) + (bright ? 60 : 0));
            }
        }

        return new ImageDataset("synthetic", pixels, labels, 1, 8, 8, ["a", "b", "c", "d"]);
    }

    public static Graph Network(int width = 16)
    {
        var builder = new GraphBuilder("tiny") { Metadata = new ModelMetadata { ClassNames = ["a", "b", "c", "d"] } };
        string x = builder.Input("image", new TensorShape(1, 1, 8, 8));
        x = builder.Node(
            "stem.relu",
            Activate.Relu,
            builder.BatchNorm("stem.norm", builder.Conv2d("stem", x, width, Window.Square(3, 2, 1)))
        );
        x = builder.Node("body.relu", Activate.Relu, builder.BatchNorm("body.norm", builder.Conv2d("body", x, 32, Window.Square(3, 1, 1))));
        x = builder.Node("flat", new Flatten(), x);
        builder.Output(builder.Linear("classifier", x, 4));
        return builder.Build();
    }
}
