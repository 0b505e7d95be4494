using Subp.Compiler.Emission;

namespace Subp.Compiler.Families.Bytes;

/// <summary>
/// How many steps of a result become its bytes: clamp(rint(steps) + zero point, low, high). Steps are clamped before they are rounded,
/// which gives the same, since the bounds are whole, and leaves nothing that an integer could not hold. In the emitted code steps are the
/// local <c>steps</c>, so that every line does one thing.
/// </summary>
/// <param name="ZeroPoint">The byte that stands for 0.</param>
/// <param name="Low">The smallest byte.</param>
/// <param name="High">The largest byte.</param>
internal readonly record struct Placement(int ZeroPoint, int Low, int High)
{
    /// <summary>The local that holds steps.</summary>
    public const string Steps = "steps";

    /// <summary>Writes the locals that <see cref="WriteBytes"/> uses.</summary>
    public void WriteLocals(CSharpWriter writer, ByteVectors vectors)
    {
        WriteBounds(writer, vectors, "least", "most");
        if (ZeroPoint != 0)
            writer.Line($"{vectors.Integers} zero = {vectors.Constant(ZeroPoint)};");
        writer.Line($"{vectors.Floats} {Steps};");
    }

    /// <summary>True where steps up to a magnitude become the right bytes by rounding and packing with saturation alone.</summary>
    /// <param name="largest">The largest magnitude of a step.</param>
    public bool IsBoundedByPacking(double largest) => High == byte.MaxValue && largest < 1 << 30;

    /// <summary>
    /// Writes the locals that <see cref="WriteUnbounded"/> uses, and the smallest byte in all lanes where that is not 0, for what packs
    /// integers with saturation.
    /// </summary>
    /// <param name="writer">The file.</param>
    /// <param name="vectors">The vectors.</param>
    /// <param name="isBounded">Whether packing alone bounds the steps (<see cref="IsBoundedByPacking"/>).</param>
    public void WriteMost(CSharpWriter writer, ByteVectors vectors, bool isBounded = false)
    {
        if (!isBounded)
            writer.Line($"{vectors.Floats} most = {vectors.Constant((float)(High - ZeroPoint))};");
        if (Low > 0)
            writer.Line(InvariantText.Invariant($"{vectors.Simd}<byte> least = {vectors.Simd}.Create((byte){Low});"));
        if (ZeroPoint != 0)
            writer.Line($"{vectors.Integers} zero = {vectors.Constant(ZeroPoint)};");
        writer.Line($"{vectors.Floats} {Steps};");
    }

    /// <summary>Writes the bounds of steps as locals.</summary>
    public void WriteBounds(CSharpWriter writer, ByteVectors vectors, string least, string most)
    {
        writer.Line($"{vectors.Floats} {least} = {vectors.Constant((float)(Low - ZeroPoint))};");
        writer.Line($"{vectors.Floats} {most} = {vectors.Constant((float)(High - ZeroPoint))};");
    }

    /// <summary>Writes how steps become whole steps within bounds, and these something else.</summary>
    /// <param name="writer">The file.</param>
    /// <param name="vectors">The vectors.</param>
    /// <param name="least">The local with the smallest step.</param>
    /// <param name="most">The local with the largest step.</param>
    /// <param name="factor">The local that whole steps are multiplied with.</param>
    public static void WriteWhole(CSharpWriter writer, ByteVectors vectors, string least, string most, string factor)
    {
        writer.Line($"{Steps} = {vectors.AtMost(vectors.AtLeast(Steps, least), most)};");
        writer.Line($"{Steps} = {vectors.Multiply(vectors.RoundToFloats(Steps), factor)};");
    }

    /// <summary>Writes how steps become bytes, as integers in a local.</summary>
    /// <param name="writer">The file.</param>
    /// <param name="vectors">The vectors.</param>
    /// <param name="steps">The steps.</param>
    /// <param name="integers">The local, declared where <paramref name="declares"/> says so.</param>
    /// <param name="declares">Whether the local is declared here.</param>
    public void WriteBytes(CSharpWriter writer, ByteVectors vectors, string steps, string integers, bool declares = false)
    {
        var rounded = Rounded(writer, vectors, steps);
        writer.Line($"{(declares ? vectors.Integers + " " : "")}{integers} = {rounded};");
    }

    /// <summary>
    /// Writes how steps become integers that are bytes once they are packed with saturation and no less than <see cref="Low"/>: those below
    /// 0 may be anything below 0. Steps beyond what an integer holds become the smallest integer, so that large ones are bounded here.
    /// </summary>
    /// <param name="writer">The file.</param>
    /// <param name="vectors">The vectors.</param>
    /// <param name="steps">The steps.</param>
    /// <param name="integers">The local.</param>
    /// <param name="isBounded">Whether packing alone bounds the steps (<see cref="IsBoundedByPacking"/>).</param>
    public void WriteUnbounded(CSharpWriter writer, ByteVectors vectors, string steps, string integers, bool isBounded = false)
    {
        writer.Line($"{Steps} = {(isBounded ? steps : vectors.AtMost(steps, "most"))};");
        writer.Line($"{integers} = {(ZeroPoint == 0 ? vectors.Round(Steps) : vectors.AddIntegers(vectors.Round(Steps), "zero"))};");
    }

    /// <summary>Writes how steps become bytes in memory.</summary>
    /// <param name="writer">The file.</param>
    /// <param name="vectors">The vectors.</param>
    /// <param name="steps">The steps.</param>
    /// <param name="target">The address of the first byte.</param>
    public void WriteStore(CSharpWriter writer, ByteVectors vectors, string steps, string target) =>
        writer.Line(vectors.StoreBytes(target, Rounded(writer, vectors, steps)));

    private string Rounded(CSharpWriter writer, ByteVectors vectors, string steps)
    {
        writer.Line($"{Steps} = {steps};");
        writer.Line($"{Steps} = {vectors.AtMost(vectors.AtLeast(Steps, "least"), "most")};");
        return ZeroPoint == 0 ? vectors.Round(Steps) : vectors.AddIntegers(vectors.Round(Steps), "zero");
    }
}
