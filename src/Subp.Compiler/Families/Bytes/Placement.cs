using Subp.Compiler.Emission;

namespace Subp.Compiler.Families.Bytes;

/// <summary>
/// How many steps of a result become its bytes: clamp(rint(steps) + zero point, low, high). Steps are clamped before they are rounded,
/// which gives the same, since the bounds are whole, and leaves nothing that an integer could not hold.
/// </summary>
/// <param name="ZeroPoint">The byte that stands for 0.</param>
/// <param name="Low">The smallest byte.</param>
/// <param name="High">The largest byte.</param>
internal readonly record struct Placement(int ZeroPoint, int Low, int High)
{
    /// <summary>Writes the locals that <see cref="Of"/> uses.</summary>
    public void WriteLocals(CSharpWriter writer, ByteVectors vectors)
    {
        writer.Line($"{vectors.Floats} least = {vectors.Constant((float)(Low - ZeroPoint))};");
        writer.Line($"{vectors.Floats} most = {vectors.Constant((float)(High - ZeroPoint))};");
        if (ZeroPoint != 0)
            writer.Line($"{vectors.Integers} zero = {vectors.Constant(ZeroPoint)};");
    }

    /// <summary>The bytes, as integers, of steps.</summary>
    public string Of(ByteVectors vectors, string steps)
    {
        var rounded = vectors.Round(vectors.AtMost(vectors.AtLeast(steps, "least"), "most"));
        return ZeroPoint == 0 ? rounded : vectors.AddIntegers(rounded, "zero");
    }
}
