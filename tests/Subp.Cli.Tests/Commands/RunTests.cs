using System.Text;
using System.Text.Json;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Testing;
using Subp.Training.Data;

namespace Subp.Cli.Tests.Commands;

/// <summary>What is run on an image that was asked for, or on a file: images of a batch, and networks that take bytes.</summary>
public sealed class RunTests : IDisposable
{
    private const int Pixels = 28 * 28;
    private readonly TemporaryFolder _folder = new();
    private readonly ImageDataset _images = FashionMnist.ReadTest(Path.Combine(RepositoryRoot.Path, "data", "fashion-mnist"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_image_of_a_batch_that_was_asked_for_is_ranked()
    {
        var (single, batched) = (Compile(batch: 1), Compile(batch: 3));
        // The last images fill no batch of three.
        foreach (var image in new[] { 0, 4, _images.Count - 1 })
        {
            var (expected, found) = (Run(single, image), Run(batched, image));
            Assert.Equal(expected.GetProperty("label").GetInt32(), found.GetProperty("label").GetInt32());
            AssertRanking(expected.GetProperty("classes"), found.GetProperty("classes"));
        }
    }

    [Fact]
    public void All_images_of_a_batch_in_a_file_are_ranked()
    {
        var (single, batched) = (Compile(batch: 1), Compile(batch: 3));
        var random = new Random(1);
        float[][] inputs = [.. Enumerable.Range(0, 3).Select(_ => Floats(random))];
        var found = RunFile(batched, [.. inputs.SelectMany(Bytes)]).GetProperty("images").EnumerateArray().ToArray();
        var text = CommandLine.Run("run", batched, "--input", _folder["x"]).Succeeds().Out;
        Assert.Contains("image 2 of the batch\n", text, StringComparison.Ordinal);
        Assert.Equal([0, 1, 2], found.Select(ranking => ranking.GetProperty("image").GetInt32()));
        for (var image = 0; image < 3; image++)
            AssertRanking(RunFile(single, Bytes(inputs[image])).GetProperty("classes"), found[image].GetProperty("classes"));
    }

    [Fact]
    public void A_network_of_bytes_gets_the_pixels_of_an_image_as_they_are()
    {
        var bytes = CompileBytes();
        var pixels = _images.Image(7).ToArray();
        var expected = Run(bytes, image: 7).GetProperty("outputs").ToString();
        byte[][] files =
        [
            pixels,
            [.. pixels.SelectMany(pixel => BitConverter.GetBytes((float)pixel))],
            [.. NpyHeader("|u1"), .. pixels],
            [.. NpyHeader("<f4"), .. pixels.SelectMany(pixel => BitConverter.GetBytes((float)pixel))],
        ];
        Assert.All(files, file => Assert.Equal(expected, RunFile(bytes, file).GetProperty("outputs").ToString()));
        // The network of floats that it was made of agrees about the image, to the rounding of bytes.
        var floats = Run(Compile(batch: 1), image: 7).GetProperty("outputs").EnumerateArray().Select(value => value.GetSingle()).ToArray();
        var found = JsonDocument.Parse(expected).RootElement.EnumerateArray().Select(value => value.GetSingle()).ToArray();
        Assert.Equal(Array.IndexOf(floats, floats.Max()), Array.IndexOf(found, found.Max()));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0.5f)]
    [InlineData(256)]
    [InlineData(float.NaN)]
    public void A_network_of_bytes_refuses_numbers_that_are_none(float number)
    {
        var values = new float[Pixels];
        values[3] = number;
        File.WriteAllBytes(_folder["x"], Bytes(values));
        var answer = CommandLine.Run("run", CompileBytes(), "--input", _folder["x"]).Answers(2, "SUBP0809");
        Assert.Contains("at 3, expected whole numbers from 0 to 255", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_of_bytes_refuses_other_lengths_and_types()
    {
        var model = CompileBytes();
        File.WriteAllBytes(_folder["x"], new byte[Pixels - 1]);
        CommandLine.Run("run", model, "--input", _folder["x"]).Answers(2, "SUBP0809");
        File.WriteAllBytes(_folder["x"], [.. NpyHeader("|i1"), .. new byte[Pixels]]);
        var answer = CommandLine.Run("run", model, "--input", _folder["x"]).Answers(2, "SUBP0809");
        Assert.Contains("astype('uint8')", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_of_several_inputs_names_them_where_no_file_is_given()
    {
        var builder = new GraphBuilder("gate");
        var (image, mask) = (builder.Input("image", new TensorShape(1, 3)), builder.Input("mask", new TensorShape(1, 3)));
        builder.Output(builder.Node("difference", new Binary { Kind = BinaryKind.Subtract }, image, mask));
        var model = Compile(Write(new Model(builder.Build(), new WeightSet()), "gate"));
        foreach (var options in new string[][] { [], ["--image", "1"] })
        {
            var answer = CommandLine.Run(["run", model, .. options]).Answers(1, "SUBP0801");
            Assert.Contains("expected name=file for each of 'image', 'mask'", answer.Error, StringComparison.Ordinal);
        }
    }

    private JsonElement Run(string model, int image) => CommandLine.Run("run", model, "--image", $"{image}", "--json").Succeeds().Json();

    private JsonElement RunFile(string model, byte[] content)
    {
        File.WriteAllBytes(_folder["x"], content);
        return CommandLine.Run("run", model, "--input", _folder["x"], "--json").Succeeds().Json();
    }

    private static void AssertRanking(JsonElement expected, JsonElement found)
    {
        static (int, float)[] Of(JsonElement classes) =>
            [.. classes.EnumerateArray().Select(score => (score.GetProperty("index").GetInt32(), score.GetProperty("output").GetSingle()))];
        var (left, right) = (Of(expected), Of(found));
        Assert.Equal(left.Select(score => score.Item1), right.Select(score => score.Item1));
        Assert.All(left.Zip(right), pair => Assert.Equal(pair.First.Item2, pair.Second.Item2, 1e-4f));
    }

    private string CompileBytes()
    {
        CommandLine.Run("quantize", Write(Network(1), "floats"), "--pixels", "-o", _folder["bytes.subp"]).Succeeds();
        return Compile(_folder["bytes.subp"]);
    }

    private string Compile(int batch) => Compile(Write(Network(batch), FormattableString.Invariant($"batch{batch}")));

    private static string Compile(string network)
    {
        var dll = Path.ChangeExtension(network, ".dll");
        CommandLine.Run("compile", network, "-o", dll, "--threads", "1", "--isa", "portable").Succeeds();
        return dll;
    }

    private string Write(Model model, string name)
    {
        var bundle = ModelBundle.Write(model);
        File.WriteAllText(_folder[name + ".subp"], bundle.SubpText);
        File.WriteAllBytes(_folder[name + ".safetensors"], bundle.Safetensors);
        return _folder[name + ".subp"];
    }

    private static Model Network(int batch)
    {
        var builder = new GraphBuilder("tiny")
        {
            Metadata = new ModelMetadata { NormalizationMean = [0.25f], NormalizationDeviation = [0.5f] },
        };
        var image = builder.Input("image", new TensorShape(batch, 1, 28, 28));
        var value = builder.BatchNorm("norm", builder.Conv2d("stem", image, 32, Window.Square(3, 2, 1)));
        value = builder.Node("pool", new GlobalAveragePool(), builder.Node("relu", Activate.Relu, value));
        builder.Output(builder.Linear("classifier", builder.Node("features", new Flatten(), value), 5));
        return RandomWeights.For(builder.Build(), 1);
    }

    private static float[] Floats(Random random) => [.. Enumerable.Range(0, Pixels).Select(_ => (4 * random.NextSingle()) - 2)];

    private static byte[] Bytes(float[] values) => [.. values.SelectMany(BitConverter.GetBytes)];

    private static byte[] NpyHeader(string type)
    {
        var text = $"{{'descr': '{type}', 'fortran_order': False, 'shape': (1, 1, 28, 28), }}".PadRight(117) + "\n";
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)text.Length, 0, .. Encoding.ASCII.GetBytes(text)];
    }
}
