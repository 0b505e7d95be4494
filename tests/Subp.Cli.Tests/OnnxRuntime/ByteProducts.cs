using Subp.Tooling.Benchmarking;

namespace Subp.Cli.Tests.OnnxRuntime;

/// <summary>What ONNX Runtime makes of products of bytes on this processor.</summary>
internal static class ByteProducts
{
    /// <summary>
    /// The bits of weights with which it adds them exactly. Without VNNI it adds them in pairs, which saturate at 16 bits where two weights
    /// are large; of 7 bits none is.
    /// </summary>
    public static int WeightBits => HostProcessor.HasVnni ? 8 : 7;
}
