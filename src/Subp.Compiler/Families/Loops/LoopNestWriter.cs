using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.Loops;

/// <summary>Writes the loops of a <see cref="LoopNest"/> around a body that computes one run.</summary>
internal static class LoopNestWriter
{
    /// <summary>Writes the loops.</summary>
    /// <param name="writer">Where to write.</param>
    /// <param name="nest">The loops.</param>
    /// <param name="pointers">Per operand the pointer that the method is given and the name of the one that the body gets.</param>
    /// <param name="table">The pointer to the table of an operand along an axis.</param>
    /// <param name="body">Writes the computation of a run: of how many elements, as an expression.</param>
    /// <param name="tiles">The first task and one past the last, as expressions.</param>
    /// <param name="type">What the pointers point to.</param>
    public static void Write(
        CSharpWriter writer,
        LoopNest nest,
        IReadOnlyList<(string Parameter, string Local)> pointers,
        Func<int, int, string> table,
        Action<string> body,
        (string From, string To) tiles,
        string type = "float"
    )
    {
        if (nest.Indices == 1)
        {
            // One task is all there is, and whoever is called has it.
            using (writer.Block())
                WriteInner(writer, nest, pointers, table, body, [], type);
            return;
        }

        var limit =
            nest.IndicesPerTile == 1 ? tiles.To : Invariant($"System::Math.Min({tiles.To} * {nest.IndicesPerTile}, {nest.Indices})");
        using (writer.Block($"for (int index = {KernelText.Scaled(tiles.From, nest.IndicesPerTile)}; index < {limit}; index++)"))
            WriteInner(writer, nest, pointers, table, body, Split(writer, nest), type);
    }

    /// <summary>Splits the index of a task into one index per axis and the chunk of the run.</summary>
    private static List<string> Split(CSharpWriter writer, LoopNest nest)
    {
        var extents = nest.Extents.Take(nest.OuterAxes).Concat(nest.Chunks > 1 ? [nest.Chunks] : []).ToArray();
        if (extents.Length == 1)
            return ["index"];
        var names = new List<string>();
        var rest = "index";
        var below = nest.Indices;
        for (var axis = 0; axis < extents.Length - 1; axis++)
        {
            below /= extents[axis];
            writer.Line($"int i{axis} = {rest} / {below};");
            names.Add(Invariant($"i{axis}"));
            writer.Line($"int rest{axis} = {rest} - i{axis} * {below};");
            rest = Invariant($"rest{axis}");
        }

        names.Add(rest);
        return names;
    }

    private static void WriteInner(
        CSharpWriter writer,
        LoopNest nest,
        IReadOnlyList<(string Parameter, string Local)> pointers,
        Func<int, int, string> table,
        Action<string> body,
        List<string> outer,
        string type
    )
    {
        var indices = new Dictionary<int, string>();
        for (var axis = 0; axis < nest.OuterAxes && axis < outer.Count; axis++)
            indices[axis] = outer[axis];
        var count = Invariant($"{nest.Run}");
        if (nest.Chunks > 1)
        {
            writer.Line($"int first = {KernelText.Scaled(outer[outer.Count - 1], nest.Chunk)};");
            count = "count";
            writer.Line($"int count = System::Math.Min({nest.Chunk}, {nest.Run} - first);");
        }

        WriteAxis(nest.OuterAxes);

        void WriteAxis(int axis)
        {
            if (axis < nest.Extents.Count - 1)
            {
                using (writer.Block($"for (int j{axis} = 0; j{axis} < {nest.Extents[axis]}; j{axis}++)"))
                {
                    indices[axis] = Invariant($"j{axis}");
                    WriteAxis(axis + 1);
                }

                return;
            }

            for (var operand = 0; operand < pointers.Count; operand++)
                writer.Line($"{type}* {pointers[operand].Local} = {Address(nest, operand, pointers[operand].Parameter, indices, table)};");
            body(count);
        }
    }

    private static string Address(LoopNest nest, int operand, string pointer, Dictionary<int, string> indices, Func<int, int, string> table)
    {
        var walked = nest.Operands[operand];
        var text = KernelText.Offset(pointer, walked.Start);
        foreach (var axis in indices.Keys.OrderBy(axis => axis))
        {
            if (walked.Table(axis) is not null)
                text += Invariant($" + {table(operand, axis)}[{indices[axis]}]");
            else if (walked.Strides[axis] is not 0 and var stride)
                text += stride > 0 ? " + " + KernelText.Scaled(indices[axis], stride) : " - " + KernelText.Scaled(indices[axis], -stride);
        }

        if (nest.Chunks > 1)
        {
            var run = nest.Extents.Count - 1;
            // Along a table the body looks up each element from the first of its chunk on.
            if (walked.Table(run) is null && walked.Strides[run] is not 0 and var stride)
                text += stride > 0 ? " + " + KernelText.Scaled("first", stride) : " - " + KernelText.Scaled("first", -stride);
        }

        return text;
    }
}
