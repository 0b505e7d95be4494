using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.Reductions;

/// <summary>
/// Writes the softmax of one row of neighbours in memory. The end of a row that fills no vector stays in a register from the first pass to
/// the last: reading back what was stored lane by lane would wait for the store.
/// </summary>
internal sealed class SoftmaxRowWriter(CSharpWriter writer, VectorDialect vectors, int length, bool isLogarithm)
{
    /// <summary>Maxima that are found side by side, so that none waits for the one before.</summary>
    private const int Maxima = 4;

    private readonly int _whole = length / vectors.Lanes * vectors.Lanes;
    private readonly int _rest = length % vectors.Lanes;

    private string Simd => VectorMathematics.Simd(vectors);

    /// <summary>Writes the row at <c>source</c> to <c>target</c>.</summary>
    public void Write()
    {
        WriteLargest();
        WriteSum();
        WriteResult();
    }

    // A NaN may be passed over: its difference to whatever comes out makes the sum one.
    private void WriteLargest()
    {
        var none = vectors.Constant("float.NegativeInfinity");
        var maxima = _whole >= Maxima * vectors.Lanes ? Maxima : 1;
        if (_rest > 0)
            writer.Line($"{vectors.Type} tail = KeepFirst(LoadFirst({KernelText.Offset("source", _whole)}, {_rest}), {_rest}, {none});");
        writer.Line($"{vectors.Type} largest = {(_rest > 0 ? "tail" : none)};");
        for (var index = 1; index < maxima; index++)
            writer.Line($"{vectors.Type} largest{index} = {none};");
        var step = maxima * vectors.Lanes;
        var unrolled = _whole / step * step;
        if (unrolled > 0)
        {
            using (writer.Block($"for (int i = 0; i < {unrolled}; i += {step})"))
                WriteMaxima("source + i", maxima);
        }

        WriteMaxima(KernelText.Offset("source", unrolled), (_whole - unrolled) / vectors.Lanes);
        if (maxima > 1)
            writer.Line($"largest = {vectors.Max(vectors.Max("largest1", "largest"), vectors.Max("largest3", "largest2"))};");
        writer.Line($"largest = {VectorFunctions.LargestLane}(largest);");
    }

    private void WriteMaxima(string pointer, int count)
    {
        for (var index = 0; index < count; index++)
        {
            var local = index == 0 ? "largest" : Invariant($"largest{index}");
            writer.Line($"{local} = {vectors.Max(vectors.Load(KernelText.Offset(pointer, (long)index * vectors.Lanes)), local)};");
        }
    }

    private void WriteSum()
    {
        var difference = vectors.Subtract("x", "largest");
        writer.Line($"{vectors.Type} sum = {vectors.Zero};");
        Walk(() =>
        {
            writer.Line($"{vectors.Type} x = {vectors.Load("source + i")};");
            writer.Line($"x = ExpOfSums({difference});");
            if (!isLogarithm)
                writer.Line(vectors.Store("target + i", "x"));
            writer.Line($"sum = {vectors.Add("sum", "x")};");
        });
        if (_rest > 0)
        {
            // Lanes beyond the row are e^-infinity and add nothing.
            writer.Line($"{vectors.Type} last = ExpOfSums({vectors.Subtract("tail", "largest")});");
            writer.Line($"sum = {vectors.Add("sum", "last")};");
        }

        var total = vectors.Constant($"{Simd}.Sum(sum)");
        writer.Line(isLogarithm ? $"sum = {Simd}.Log({total});" : $"sum = {VectorMathematics.One(vectors)} / {total};");
    }

    private void WriteResult()
    {
        Walk(() =>
        {
            writer.Line($"{vectors.Type} x = {vectors.Load(isLogarithm ? "source + i" : "target + i")};");
            writer.Line(vectors.Store("target + i", Result("x")));
        });
        if (_rest > 0)
            writer.Line($"StoreFirst({KernelText.Offset("target", _whole)}, {Result(isLogarithm ? "tail" : "last")}, {_rest});");
    }

    private string Result(string value) =>
        isLogarithm ? vectors.Subtract(vectors.Subtract(value, "largest"), "sum") : vectors.Multiply(value, "sum");

    private void Walk(Action body)
    {
        if (_whole == 0)
            return;
        using (writer.Block($"for (int i = 0; i < {_whole}; i += {vectors.Lanes})"))
            body();
    }
}
