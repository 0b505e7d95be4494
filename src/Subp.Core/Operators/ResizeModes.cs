namespace Subp.Core.Operators;

/// <summary>How <see cref="Resize"/> makes elements between samples.</summary>
public enum ResizeMode
{
    /// <summary>The nearest sample.</summary>
    Nearest,

    /// <summary>A straight line between two samples per axis.</summary>
    Linear,

    /// <summary>The cubic convolution of Keys over four samples per axis.</summary>
    Cubic,
}

/// <summary>
/// How <see cref="Resize"/> turns index x of the result into a position of the input; s is the scale, n and m the extents of input and
/// result.
/// </summary>
public enum ResizeCoordinates
{
    /// <summary>(x + 0.5) / s - 0.5.</summary>
    HalfPixel,

    /// <summary>Half pixel, with the middle of both aligned where m is not s * n.</summary>
    HalfPixelSymmetric,

    /// <summary>Half pixel, but 0 where m is 1.</summary>
    PytorchHalfPixel,

    /// <summary>x * (n - 1) / (m - 1).</summary>
    AlignCorners,

    /// <summary>x / s.</summary>
    Asymmetric,

    /// <summary>(x + 0.5) / s.</summary>
    TfHalfPixelForNn,

    /// <summary>Corners aligned to a region of the input.</summary>
    TfCropAndResize,
}

/// <summary>How <see cref="Resize"/> in nearest mode turns a position into an index.</summary>
public enum ResizeRounding
{
    /// <summary>The nearest; of two the lower.</summary>
    PreferFloor,

    /// <summary>The nearest; of two the upper.</summary>
    PreferCeil,

    /// <summary>The lower.</summary>
    Floor,

    /// <summary>The upper.</summary>
    Ceil,
}
