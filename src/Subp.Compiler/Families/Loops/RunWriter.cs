using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.Loops;

/// <summary>
/// Writes the vectors of one run: whole ones in a loop, and behind them the first few lanes of one more. The functions <c>LoadFirst</c> and
/// <c>StoreFirst</c> touch no memory beyond the run, which may belong to another thread or to the caller.
/// </summary>
internal static class RunWriter
{
    /// <summary>Writes the loop over a run.</summary>
    /// <param name="writer">Where to write.</param>
    /// <param name="vectors">The vectors.</param>
    /// <param name="count">The elements of the run, as an expression.</param>
    /// <param name="multiple">A number that every possible count is a multiple of; 1 where nothing is known.</param>
    /// <param name="body">Writes the computation of one vector.</param>
    public static void Write(CSharpWriter writer, VectorDialect vectors, string count, int multiple, Action<RunVector> body)
    {
        var isConstant = int.TryParse(count, out var length);
        if (isConstant && length < vectors.Lanes)
        {
            body(new RunVector(vectors, "", count));
            return;
        }

        var isWhole = (isConstant ? length : multiple) % vectors.Lanes == 0;
        if (isConstant && length == vectors.Lanes)
        {
            body(new RunVector(vectors, "", null));
            return;
        }

        if (isWhole)
        {
            using (writer.Block($"for (int i = 0; i < {count}; i += {vectors.Lanes})"))
                body(new RunVector(vectors, " + i", null));
            return;
        }

        writer.Line("int i = 0;");
        var end = isConstant ? Invariant($"{length - vectors.Lanes}") : Invariant($"{count} - {vectors.Lanes}");
        using (writer.Block($"for (; i <= {end}; i += {vectors.Lanes})"))
            body(new RunVector(vectors, " + i", null));
        if (isConstant)
        {
            using (writer.Block())
                body(new RunVector(vectors, " + i", Invariant($"{length % vectors.Lanes}")));
            return;
        }

        using (writer.Block($"if (i < {count})"))
            body(new RunVector(vectors, " + i", Invariant($"{count} - i")));
    }
}

/// <summary>One vector of a run.</summary>
/// <param name="Vectors">The vectors.</param>
/// <param name="Distance">What to add to a pointer, as text.</param>
/// <param name="Count">How many lanes there are, as an expression; null for all.</param>
internal sealed record RunVector(VectorDialect Vectors, string Distance, string? Count)
{
    /// <summary>The vector at a pointer; lanes that are not there are zero.</summary>
    public string Load(string pointer) => Count is null ? Vectors.Load(pointer + Distance) : $"LoadFirst({pointer}{Distance}, {Count})";

    /// <summary>The statement that stores a vector.</summary>
    public string Store(string pointer, string value) =>
        Count is null ? Vectors.Store(pointer + Distance, value) : $"StoreFirst({pointer}{Distance}, {value}, {Count});";
}
