using Subp.Compiler.Emission.Runtime;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.Winograd;

/// <summary>
/// The minimal filtering algorithm F(m x m, r x r): an output tile of m x m pixels from m + r - 1 x m + r - 1 input pixels, with one
/// multiplication per position of the transformed tile instead of r * r per output pixel. Y = Aᵀ((G g Gᵀ) ⊙ (Bᵀ d B))A. Source: Lavin and
/// Gray, "Fast Algorithms for Convolutional Neural Networks", 2016. The interpolation points decide how much is rounded: infinity
/// and 0, 1, -1 for m = 2; 0, 5/8, -5/8, 3/2, -3/2 for m = 4 (decision 0028); 0, 1, -1, 2, -2, 1/2 for r = 4.
/// </summary>
/// <param name="OutputSize">m: 2 or 4.</param>
/// <param name="KernelSize">r: 3, or 4 with m = 4.</param>
internal sealed record WinogradTransform(int OutputSize, int KernelSize = 3)
{
    /// <summary>F(2x2,3x3): 4 multiplications an output pixel; as exact as direct summation.</summary>
    public static readonly WinogradTransform Two = new(2);

    /// <summary>
    /// F(4x4,3x3): 2.25 multiplications an output pixel; its rounding error is about twice that of direct summation.
    /// </summary>
    public static readonly WinogradTransform Four = new(4);

    /// <summary>
    /// F(4x4,4x4): 3.06 multiplications an output pixel instead of 16; its rounding error is about four times that of direct summation.
    /// </summary>
    public static readonly WinogradTransform FourByFour = new(4, 4);

    /// <summary>Rows and columns of an input tile, m + r - 1.</summary>
    public int InputSize => OutputSize + KernelSize - 1;

    /// <summary>Positions of a transformed tile: 16, 36 or 49.</summary>
    public int Positions => InputSize * InputSize;

    /// <summary>What distinguishes the transform in names: m, and r where it is not 3.</summary>
    internal string Name => KernelSize == 3 ? Invariant($"{OutputSize}") : Invariant($"{OutputSize}x{KernelSize}");

    /// <summary>
    /// The smaller of the two points that <see cref="Four"/> has with both signs. Its powers and those of the other are exact in single
    /// precision.
    /// </summary>
    internal const double Inner = 5 / 8.0;

    /// <summary>The larger of these points.</summary>
    internal const double Outer = 3 / 2.0;

    /// <summary>The rows of G, which transforms the taps of a kernel row: InputSize x KernelSize.</summary>
    public IReadOnlyList<double> KernelMatrix =>
        this == Two ? [1, 0, 0, 0.5, 0.5, 0.5, 0.5, -0.5, 0.5, 0, 0, 1]
        : this == Four
            ? Rows(3, (0, 225 / 256.0), (Inner, -2975 / 2048.0), (-Inner, -2975 / 2048.0), (Outer, 1071 / 128.0), (-Outer, 1071 / 128.0))
        : Rows(4, (0, -2), (1, -3), (-1, 9), (2, 36), (-2, -60), (0.5, 45 / 32.0));

    /// <summary>A number that single precision holds exactly, as C# writes it.</summary>
    internal static string Literal(double value) => CSharpText.Literal((float)value);

    /// <summary>Tiles along an extent of output pixels; the last one may reach beyond it.</summary>
    public int Tiles(int extent) => (extent + OutputSize - 1) / OutputSize;

    // The powers of each point divided by its factor, and infinity, which takes the last tap.
    private static double[] Rows(int taps, params (double Point, double Factor)[] points) =>
        [
            .. points.SelectMany(row => Enumerable.Range(0, taps).Select(tap => Math.Pow(row.Point, tap) / row.Factor)),
            .. Enumerable.Range(0, taps).Select(tap => tap == taps - 1 ? 1.0 : 0),
        ];
}
