using Subp.Compiler;
using Subp.Compression.Channels;
using Subp.Core.Weights;
using Subp.Onnx;

namespace Subp.Tooling.Verification;

/// <summary>A network as <c>subp shrink --shared</c> makes it of an ONNX file, to be verified.</summary>
internal static class ShrunkNetwork
{
    /// <summary>Reads a file, removes channels, and packs what is left.</summary>
    /// <param name="path">The file; normalisations that are not folded in it restore the network.</param>
    /// <param name="import">What the file leaves open.</param>
    /// <param name="share">The share of the channels of every group that goes, sums of residual blocks included.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <returns>The packed network, and the one that it was made of.</returns>
    /// <exception cref="Core.Diagnostics.SubpException">The file cannot be imported. SUBP0533: no channels can go.</exception>
    public static (Model Packed, Model Original) Read(string path, ImportOptions import, double share, CancellationToken cancellation)
    {
        var original = OnnxImporter.ImportFile(path, import);
        var shrunk = ChannelCompression.Shrink(
            original,
            new ChannelOptions { Ratio = share, Shared = true },
            calibration: null,
            cancellation
        );
        return (PassPipeline.Pack(shrunk.Model), original);
    }
}
