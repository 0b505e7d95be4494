using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>DepthToSpace and SpaceToDepth.</summary>
/// <param name="name">The ONNX operator.</param>
internal sealed class DepthSpaceConverter(string name) : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        name == "DepthToSpace"
            ? new(name, "depth_to_space", "Images; modes DCR and CRD (PixelShuffle of PyTorch).")
            : new(name, "space_to_depth", "Images.");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(1, 1);
        var image = node.Image(0);
        var block = node.Attributes.Integer("blocksize", 0, minimum: 1, maximum: 1 << 14);
        if (name == "SpaceToDepth")
        {
            node.Emit(new SpaceToDepth { Block = block }, image);
            return;
        }

        var mode = node.Attributes.Text("mode", "DCR");
        if (mode is not ("DCR" or "CRD"))
            throw node.Attributes.Invalid($"mode = '{mode}'", "DCR or CRD");
        node.Emit(new DepthToSpace { Block = block, ChannelFirst = mode == "CRD" }, image);
    }
}
