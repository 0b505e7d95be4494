using SkiaSharp;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Onnx;
using Subp.Testing;

namespace Subp.Cli.Tests.Commands;

/// <summary>Files of other tools, which do not say how their networks want pixels.</summary>
public sealed class NormalizeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("imagenet", "normalize mean [0.485,0.456,0.406] deviation [0.229,0.224,0.225]")]
    [InlineData("0..1", "normalize mean [0,0,0] deviation [1,1,1]")]
    [InlineData("-1..1", "normalize mean [0.5,0.5,0.5] deviation [0.5,0.5,0.5]")]
    [InlineData("0..255", "normalize mean [0,0,0] deviation [0.003921569,0.003921569,0.003921569]")]
    [InlineData("0.5/0.25", "normalize mean [0.5,0.5,0.5] deviation [0.25,0.25,0.25]")]
    [InlineData("0.1,0.2,0.3/1,2,0.5", "normalize mean [0.1,0.2,0.3] deviation [1,2,0.5]")]
    public void The_normalisation_goes_into_the_bundle(string word, string line)
    {
        CommandLine.Run("import", WriteOnnx(), "--normalize", word, "-o", _folder["net.subp"]).Succeeds();
        Assert.Contains(line, File.ReadAllText(_folder["net.subp"]).Split('\n'));
    }

    [Theory]
    [InlineData("torch")]
    [InlineData("0.5")]
    [InlineData("0.5/0")]
    [InlineData("0.5/-1")]
    [InlineData("nan/1")]
    [InlineData("0.5,0.5/1,1")]
    [InlineData("1/2/3")]
    public void What_is_no_normalisation_of_the_network_is_refused(string word)
    {
        CommandLine.Run("import", WriteOnnx(), "--normalize", word, "-o", _folder["net.subp"]).Answers(1, "SUBP0801");
        Assert.False(File.Exists(_folder["net.subp"]));
    }

    [Fact]
    public void Networks_of_bytes_take_pixels_once_the_normalisation_is_known()
    {
        string[] line = ["quantize", WriteOnnx(), "--pixels", "-o", _folder["bytes.subp"]];
        Assert.Contains("--normalize", CommandLine.Run(line).Answers(2, "SUBP0282").Error, StringComparison.Ordinal);
        CommandLine.Run([.. line, "--normalize", "imagenet"]).Succeeds();
        Assert.Contains("input image: u8", File.ReadAllText(_folder["bytes.subp"]), StringComparison.Ordinal);
    }

    // Ranges that were measured on pixels of another normalisation would be wrong, and nothing would say so.
    [Fact]
    public void Pictures_calibrate_no_network_that_does_not_say_how_it_wants_them()
    {
        string[] line = ["quantize", WriteOnnx(), "--calibration", WritePictures(), "-o", _folder["bytes.subp"]];
        Assert.Contains("--normalize", CommandLine.Run(line).Answers(2, "SUBP0531").Error, StringComparison.Ordinal);
        CommandLine.Run([.. line, "--normalize", "0..1"]).Succeeds();
    }

    [Fact]
    public void A_folder_without_inputs_is_no_calibration_set()
    {
        Directory.CreateDirectory(_folder["junk"]);
        File.WriteAllText(Path.Combine(_folder["junk"], "notes.txt"), "nothing");
        var answer = CommandLine.Run("quantize", WriteOnnx(), "--calibration", _folder["junk"], "-o", _folder["bytes.subp"]);
        Assert.Contains("neither pictures nor idx files", answer.Answers(2, "SUBP0531").Error, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(_folder["junk"], "broken.jpg"), "no picture");
        string[] line = ["quantize", WriteOnnx(), "--calibration", _folder["junk"], "--normalize", "0..1", "-o", _folder["bytes.subp"]];
        Assert.DoesNotContain("or leave --strict", CommandLine.Run(line).Answers(2, "SUBP0572").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_compiled_model_says_how_it_wants_its_pixels()
    {
        CommandLine.Run("compile", WriteOnnx(), "--normalize", "0.5/0.25", "-o", _folder["Net.dll"], "--emit-source").Succeeds();
        var source = string.Concat(Directory.GetFiles(_folder["Net.src"], "*.cs").Select(File.ReadAllText));
        Assert.Contains("NormalizationMean => new float[] { 0.5f, 0.5f, 0.5f }", source, StringComparison.Ordinal);
    }

    private string WriteOnnx()
    {
        var builder = new GraphBuilder("net");
        var value = builder.Conv2d("first", builder.Input("image", new TensorShape(1, 3, 16, 16)), 16, Window.Square(3, padding: 1));
        value = builder.Node("relu", Activate.Relu, builder.BatchNorm("norm", value));
        builder.Output(
            builder.Linear("last", builder.Node("flat", new Flatten(), builder.Node("pool", new GlobalAveragePool(), value)), 4)
        );
        File.WriteAllBytes(_folder["net.onnx"], OnnxExporter.Export(RandomWeights.For(builder.Build(), seed: 1)));
        return _folder["net.onnx"];
    }

    private string WritePictures()
    {
        Directory.CreateDirectory(_folder["pictures"]);
        for (var index = 0; index < 4; index++)
        {
            using var bitmap = new SKBitmap(20, 20);
            bitmap.Erase(new SKColor((byte)(60 * index), 128, 40));
            using var file = File.Create(Path.Combine(_folder["pictures"], FormattableString.Invariant($"{index}.png")));
            bitmap.Encode(file, SKEncodedImageFormat.Png, 100);
        }

        return _folder["pictures"];
    }
}
