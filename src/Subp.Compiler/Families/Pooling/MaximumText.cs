using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;

namespace Subp.Compiler.Families.Pooling;

/// <summary>
/// Writes the maximum of several vectors, in which a NaN of any must survive: from one value to the next two are taken at a time, which
/// costs one comparison for both.
/// </summary>
internal static class MaximumText
{
    /// <summary>Declares a local that holds the largest of some values in each lane, NaN where any is NaN.</summary>
    /// <param name="writer">Where to write.</param>
    /// <param name="vectors">The vectors.</param>
    /// <param name="name">The local.</param>
    /// <param name="values">The names of the values, each with the expression it stands for where it is no local yet.</param>
    public static void WriteLocal(
        CSharpWriter writer,
        VectorDialect vectors,
        string name,
        IReadOnlyList<(string Name, string? Text)> values
    )
    {
        var declared = $"{vectors.Type} ";
        if (values.Count == 1)
        {
            writer.Line($"{declared}{name} = {values[0].Text ?? values[0].Name};");
            return;
        }

        var largest = Local(0);
        for (var next = 1; next < values.Count; next += 2)
        {
            var second = Local(next);
            writer.Line(
                next + 1 < values.Count
                    ? $"{declared}{name} = {vectors.MaxOfAll(largest, second, values[next + 1].Text ?? values[next + 1].Name)};"
                    : $"{declared}{name} = {vectors.MaxOfAll(largest, second)};"
            );
            (largest, declared) = (name, "");
        }

        string Local(int index)
        {
            var (local, text) = values[index];
            if (text is not null)
                writer.Line($"{vectors.Type} {local} = {text};");
            return local;
        }
    }
}
