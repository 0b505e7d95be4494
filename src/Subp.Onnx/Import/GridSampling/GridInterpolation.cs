namespace Subp.Onnx.Import.GridSampling;

/// <summary>How many neighbouring pixels along an axis a sample is made of, and how they are weighted.</summary>
internal enum GridInterpolation
{
    /// <summary>The nearest one, of two equally near the even one.</summary>
    Nearest,

    /// <summary>Two, by their distances.</summary>
    Linear,

    /// <summary>Four, by the cubic convolution of Keys with -0.75.</summary>
    Cubic,
}
