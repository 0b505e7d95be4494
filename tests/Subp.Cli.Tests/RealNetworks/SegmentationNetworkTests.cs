using Subp.Cli.Tests.OnnxRuntime;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Onnx;
using Subp.Testing;

namespace Subp.Cli.Tests.RealNetworks;

/// <summary>
/// Small networks in the shape of those that give every pixel a class, written as ONNX files: import, compiled code and ONNX Runtime agree.
/// </summary>
[Trait("speed", "slow")]
public sealed class SegmentationNetworkTests
{
    private static readonly Window s_same = Window.Square(3, padding: 1);

    public static TheoryData<string> Names => ["unet-transposed", "unet-resize", "lraspp", "deep-residual"];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_compiled_network_agrees_with_ONNX_Runtime(string name)
    {
        var builder = new GraphBuilder(name);
        var image = builder.Input("image", new TensorShape(1, 3, 48, 64));
        builder.Output(
            name switch
            {
                "unet-transposed" => UNet(builder, image, transposed: true),
                "unet-resize" => UNet(builder, image, transposed: false),
                "lraspp" => LiteAspp(builder, image),
                _ => DeepResidual(builder, image),
            }
        );
        var folder = Directory.CreateTempSubdirectory("subp-segmentation-");
        try
        {
            var file = Path.Combine(folder.FullName, name + ".onnx");
            File.WriteAllBytes(file, OnnxExporter.Export(RandomWeights.For(builder.Build(), seed: 7)));
            var answer = CommandLine.Run([
                "verify",
                file,
                "--onnxruntime-lib",
                OnnxRuntimePackage.Library,
                "--random",
                "2",
                "--threads",
                "1,2",
            ]);
            Assert.Contains("ONNX Runtime", answer.Succeeds().Out, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // Three levels; what goes down is joined to what comes up.
    private static string UNet(GraphBuilder builder, string image, bool transposed)
    {
        var skips = new Stack<string>();
        var value = image;
        for (var level = 0; level < 3; level++)
        {
            value = Twice(builder, $"down{level}", value, 16 << level);
            skips.Push(value);
            value = builder.Node($"pool{level}", new Pool2d { Kind = PoolKind.Maximum, Window = Window.Square(2, 2) }, value);
        }

        value = Twice(builder, "bottom", value, 128);
        for (var level = 2; level >= 0; level--)
        {
            var skip = skips.Pop();
            var up = transposed ? Transposed(builder, level, value) : Resized(builder, $"resize{level}", value, builder.ShapeOf(skip));
            value = Twice(builder, $"up{level}", builder.Node($"joined{level}", new Concat(), up, skip), 16 << level);
        }

        return builder.Conv2d("classes", value, 5, Window.Square(1), bias: true);
    }

    private static string Twice(GraphBuilder builder, string name, string value, int channels)
    {
        value = builder.Conv2d(name + "a", value, channels, s_same, bias: true, activation: Activation.Relu);
        return builder.Conv2d(name + "b", value, channels, s_same, bias: true, activation: Activation.Relu);
    }

    private static string Transposed(GraphBuilder builder, int level, string value) =>
        builder.Node(
            $"transposed{level}",
            new ConvTranspose2d
            {
                Weight = builder.Parameter(
                    $"transposed{level}.weight",
                    new TensorShape(builder.ShapeOf(value).Channels, 16 << level, 2, 2)
                ),
                Bias = builder.Parameter($"transposed{level}.bias", new TensorShape(16 << level)),
                Window = Window.Square(2, stride: 2),
            },
            value
        );

    private static string Resized(GraphBuilder builder, string name, string value, TensorShape like) =>
        builder.Node(
            name,
            new Resize
            {
                Sizes = new[] { 1, builder.ShapeOf(value).Channels, like.Height, like.Width },
                Mode = ResizeMode.Linear,
                Coordinates = ResizeCoordinates.HalfPixel,
            },
            value
        );

    // A depthwise backbone; its last map is gated by its mean, enlarged, and added to classes of an earlier map.
    private static string LiteAspp(GraphBuilder builder, string image)
    {
        var value = builder.Conv2d("stem", image, 16, s_same with { Stride = new(2, 2) }, bias: true, activation: Activation.HardSwish);
        var low = Separable(builder, "low", value, 24, 2);
        var high = Separable(builder, "high", Separable(builder, "middle", low, 40, 2), 64, 1);
        var gate = builder.Conv2d(
            "gate",
            builder.Node("mean", new GlobalAveragePool(), high),
            32,
            Window.Square(1),
            activation: Activation.Sigmoid
        );
        var gated = builder.Node("gated", new Mul(), builder.Conv2d("project", high, 32, Window.Square(1), bias: true), gate);
        var classes = builder.Conv2d(
            "high-classes",
            Resized(builder, "enlarged", gated, builder.ShapeOf(low)),
            5,
            Window.Square(1),
            bias: true
        );
        var sum = builder.Node("sum", new Add(), classes, builder.Conv2d("low-classes", low, 5, Window.Square(1), bias: true));
        return Resized(builder, "output", sum, builder.ShapeOf(image));
    }

    private static string Separable(GraphBuilder builder, string name, string value, int channels, int stride)
    {
        var inputs = builder.ShapeOf(value).Channels;
        var window = s_same with { Stride = new(stride, stride) };
        value = builder.Conv2d(name + "-depthwise", value, inputs, window, groups: inputs, bias: true, activation: Activation.Relu);
        return builder.Conv2d(name + "-pointwise", value, channels, Window.Square(1), bias: true, activation: Activation.HardSwish);
    }

    // Bottlenecks one behind another, the later ones dilated, and a head over pixels: every sum multiplies what was rounded before.
    private static string DeepResidual(GraphBuilder builder, string image)
    {
        var value = builder.Conv2d("stem", image, 32, Window.Square(7, stride: 2, padding: 3), bias: true, activation: Activation.Relu);
        for (var block = 0; block < 12; block++)
        {
            var dilation = block < 6 ? 1 : 2;
            var window = Window.Square(3, padding: dilation) with { Dilation = new(dilation, dilation) };
            var branch = builder.Conv2d($"reduce{block}", value, 32, Window.Square(1), bias: true, activation: Activation.Relu);
            branch = builder.Conv2d($"middle{block}", branch, 32, window, bias: true, activation: Activation.Relu);
            branch = builder.Conv2d($"expand{block}", branch, builder.ShapeOf(value).Channels, Window.Square(1), bias: true);
            value = builder.Node($"sum{block}", new Add { Activation = Activation.Relu }, branch, value);
        }

        value = builder.Conv2d("head", value, 32, s_same, bias: true, activation: Activation.Relu);
        value = builder.Conv2d("classes", value, 5, Window.Square(1), bias: true);
        return Resized(builder, "output", value, builder.ShapeOf(image));
    }
}
