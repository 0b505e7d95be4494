using Subp.Cli.Tests.OnnxRuntime;

namespace Subp.Cli.Tests.RealNetworks;

/// <summary>
/// Networks that somebody trained and exported for a purpose of their own: they import as they are, and what is compiled agrees with ONNX
/// Runtime to 1e-4 of the largest output.
/// </summary>
[Trait("speed", "slow")]
public sealed class RealNetworkTests
{
    [Theory]
    [RealNetwork("ResNet18.onnx")]
    [RealNetwork("ResNetPreprocess.onnx")]
    [RealNetwork("ch_ppocr_mobile_v2.0_cls_infer.onnx", "p2o.DynamicDimension.1=48", "p2o.DynamicDimension.2=192")]
    [RealNetwork("ch_PP-OCRv4_rec_infer.onnx", "p2o.DynamicDimension.1=128")]
    [RealNetwork("melspectrogram.onnx", "samples=12640")]
    [RealNetwork("embedding_model.onnx")]
    [RealNetwork("alexa_v0.1.onnx")]
    [RealNetwork("hey_jarvis_v0.1.onnx")]
    [RealNetwork("hey_mycroft_v0.1.onnx")]
    [RealNetwork("hey_rhasspy_v0.1.onnx")]
    [RealNetwork("timer_v0.1.onnx")]
    [RealNetwork("weather_v0.1.onnx")]
    public void The_compiled_network_agrees_with_ONNX_Runtime(string file, string[] dimensions)
    {
        var answer = CommandLine.Run([
            "verify",
            RealNetworkFiles.Find(file)!,
            .. dimensions.SelectMany(dimension => new[] { "--dim", dimension }),
            "--onnxruntime-lib",
            OnnxRuntimePackage.Library,
            "--random",
            "1",
            "--threads",
            "1,2",
        ]);
        Assert.Contains("ONNX Runtime", answer.Succeeds().Out, StringComparison.Ordinal);
    }

    [Theory]
    [RealNetwork("silero_vad.onnx", "sequence=512")]
    public void A_recurrent_network_is_refused_with_advice(string file, string[] dimensions) =>
        CommandLine
            .Run([
                "import",
                RealNetworkFiles.Find(file)!,
                .. dimensions.SelectMany(dimension => new[] { "--dim", dimension }),
                "-o",
                Path.Combine(Path.GetTempPath(), "never-written.subp"),
            ])
            .Answers(2, "SUBP0404");
}
