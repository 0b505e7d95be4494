namespace Subp.Compiler.Planning.Winograd;

/// <summary>
/// The minimal filtering algorithm F(m x m, 3 x 3): an output tile of m x m pixels from m + 2 x m + 2 input pixels, with one multiplication
/// per position of the transformed tile instead of nine per output pixel. Y = Aᵀ((G g Gᵀ) ⊙ (Bᵀ d B))A. Source: Lavin and Gray,
/// "Fast Algorithms for Convolutional Neural Networks", 2016, with the interpolation points 0, 1, -1 (and 2, -2 for m = 4) and infinity.
/// </summary>
/// <param name="OutputSize">m: 2 or 4.</param>
public sealed record WinogradTransform(int OutputSize)
{
    /// <summary>F(2x2,3x3): 4 multiplications an output pixel; as exact as direct summation.</summary>
    public static readonly WinogradTransform Two = new(2);

    /// <summary>
    /// F(4x4,3x3): 2.25 multiplications an output pixel; its rounding error is about five times that of direct summation.
    /// </summary>
    public static readonly WinogradTransform Four = new(4);

    /// <summary>Rows and columns of an input tile, m + 2.</summary>
    public int InputSize => OutputSize + 2;

    /// <summary>Positions of a transformed tile: 16 or 36.</summary>
    public int Positions => InputSize * InputSize;

    /// <summary>The rows of G, which transforms the three taps of a kernel row: InputSize x 3.</summary>
    public IReadOnlyList<double> KernelMatrix =>
        OutputSize == 2
            ? [1, 0, 0, 0.5, 0.5, 0.5, 0.5, -0.5, 0.5, 0, 0, 1]
            :
            [
                1 / 4.0,
                0,
                0,
                -1 / 6.0,
                -1 / 6.0,
                -1 / 6.0,
                -1 / 6.0,
                1 / 6.0,
                -1 / 6.0,
                1 / 24.0,
                1 / 12.0,
                1 / 6.0,
                1 / 24.0,
                -1 / 12.0,
                1 / 6.0,
                0,
                0,
                1,
            ];

    /// <summary>Tiles along an extent of output pixels; the last one may reach beyond it.</summary>
    public int Tiles(int extent) => (extent + OutputSize - 1) / OutputSize;
}
