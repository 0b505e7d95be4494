namespace Subp.Onnx.Import.GridSampling;

/// <summary>What pixels beyond the edge of an image are.</summary>
internal enum GridPadding
{
    /// <summary>Zero.</summary>
    Zeros,

    /// <summary>The nearest pixel of the image.</summary>
    Border,

    /// <summary>The image in a mirror, again and again.</summary>
    Reflection,
}
