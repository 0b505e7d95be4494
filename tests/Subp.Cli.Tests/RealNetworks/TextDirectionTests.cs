using Subp.Roslyn;
using Subp.Testing;

namespace Subp.Cli.Tests.RealNetworks;

/// <summary>The compiled text-direction network of PaddleOCR tells text that stands from text that is upside down.</summary>
[Trait("speed", "slow")]
public sealed class TextDirectionTests : IDisposable
{
    private const string Network = "ch_ppocr_mobile_v2.0_cls_infer.onnx";
    private const int Height = 48;
    private const int Width = 192;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [FactWithRealNetwork(Network)]
    public void Text_that_stands_and_text_upside_down_are_told_apart()
    {
        CommandLine
            .Run(
                "compile",
                RealNetworkFiles.Find(Network)!,
                "--dim",
                FormattableString.Invariant($"p2o.DynamicDimension.1={Height}"),
                "--dim",
                FormattableString.Invariant($"p2o.DynamicDimension.2={Width}"),
                "-o",
                _folder["Direction.dll"]
            )
            .Succeeds();
        using var model = LoadedModel.Load(_folder["Direction.dll"]);
        using var session = model.CreateSession(1);
        foreach (var text in new[] { "PARTY 14", "MARKET", "FEEL RATE", "LEFT KEY 7" })
        {
            var standing = DrawnText.Draw(text, Height, Width);
            // The probability of 0 degrees and that of 180 degrees.
            var upright = Run(session, standing);
            Assert.True(upright[0] > 0.9f, FormattableString.Invariant($"{text} stands: {upright[0]}"));
            var turned = Run(session, [.. standing.Reverse()]);
            Assert.True(turned[1] > 0.9f, FormattableString.Invariant($"{text} is upside down: {turned[1]}"));
        }
    }

    // The same plane for each of the three channels, -1 for black to 1 for white.
    private static float[] Run(ILoadedSession session, float[] plane)
    {
        float[] channel = [.. plane.Select(value => (2 * value) - 1)];
        float[] image = [.. channel, .. channel, .. channel];
        var output = new float[2];
        session.Run(image, output);
        return output;
    }
}
