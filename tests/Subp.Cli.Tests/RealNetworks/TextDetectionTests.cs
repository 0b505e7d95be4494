using Subp.Cli.Tests.OnnxRuntime;
using Subp.Roslyn;
using Subp.Testing;
using Subp.Tooling.OnnxRuntime;

namespace Subp.Cli.Tests.RealNetworks;

/// <summary>
/// The compiled text-detection network of PaddleOCR finds a line of text where it was drawn, and computes the map of ONNX Runtime. Noise
/// has no text in it, and the largest element of its map, 0.001, would be no measure.
/// </summary>
[Trait("speed", "slow")]
public sealed class TextDetectionTests : IDisposable
{
    private const string Network = "ch_PP-OCRv4_det_infer.onnx";
    private const int Height = 160;
    private const int Width = 192;
    private const int TextTop = 56;
    private const int TextHeight = 48;
    private const double Tolerance = 1e-4;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [FactWithRealNetwork(Network)]
    public void A_line_of_text_is_found_where_it_was_drawn()
    {
        var file = RealNetworkFiles.Find(Network)!;
        string[] dimensions =
        [
            "--dim",
            FormattableString.Invariant($"p2o.DynamicDimension.1={Height}"),
            "--dim",
            FormattableString.Invariant($"p2o.DynamicDimension.2={Width}"),
        ];
        CommandLine.Run(["compile", file, "-o", _folder["Detection.dll"], .. dimensions]).Succeeds();
        var input = Image();
        using var runtime = OnnxRuntimeSession.OfFile(OnnxRuntimeLibrary.Load(OnnxRuntimePackage.Library), file, threads: 1);
        var expected = runtime.Run(input, [1, 3, Height, Width])[0];
        using var model = LoadedModel.Load(_folder["Detection.dll"]);
        foreach (var threads in new[] { 1, 2 })
        {
            using var session = model.CreateSession(threads);
            var map = new float[model.OutputLength];
            session.Run(input, map);
            var difference = map.Zip(expected, (left, right) => Math.Abs((double)left - right)).Max();
            Assert.InRange(difference, 0, Tolerance * expected.Max());
            Assert.True(map.Skip(TextTop * Width).Take(TextHeight * Width).Max() > 0.5f, "the text is found");
            Assert.True(map.Take(TextTop / 2 * Width).Max() < 0.3f, "there is none above it");
        }
    }

    // The means and deviations of the three channels are those that the network was trained with.
    private static float[] Image()
    {
        var plane = new float[Height * Width];
        Array.Fill(plane, 1);
        DrawnText.Draw("MARKET 14", TextHeight, Width).CopyTo(plane, TextTop * Width);
        return
        [
            .. plane.Select(value => (value - 0.485f) / 0.229f),
            .. plane.Select(value => (value - 0.456f) / 0.224f),
            .. plane.Select(value => (value - 0.406f) / 0.225f),
        ];
    }
}
