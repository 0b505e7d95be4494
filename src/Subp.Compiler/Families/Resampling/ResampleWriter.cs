using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Emission.Runtime;
using Subp.Compiler.Families.Loops;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.Resampling;

/// <summary>
/// Writes interpolation along one axis. Elements inside of the axis have the same samples and weights, and vectors run along them; along
/// the innermost axis each result gathers its own.
/// </summary>
internal static class ResampleWriter
{
    /// <summary>More samples than this are summed in a loop.</summary>
    private const int MostWrittenOut = 8;

    /// <summary>Writes the tables of places and weights.</summary>
    public static void WriteTables(CSharpWriter writer, ResamplePlan plan)
    {
        var name = CSharpText.Documentation(plan.Node.Name);
        writer.Line($"/// <summary>{name}: per result along the axis, the distances in floats of its samples.</summary>");
        var places = CSharpText.Numbers(plan.Places.SelectMany(all => all));
        writer.Line($"private static System::ReadOnlySpan<int> {plan.MethodStem}_Places => [{places}];");
        writer.Line();
        writer.Line($"/// <summary>{name}: the weights of these samples.</summary>");
        var weights = plan.Weights.SelectMany(all => all.Select(CSharpText.Literal));
        writer.Line($"private static System::ReadOnlySpan<float> {plan.MethodStem}_Weights => [{string.Join(", ", weights)}];");
        writer.Line();
    }

    /// <summary>Writes the layer method for one instruction set.</summary>
    public static void Write(CSharpWriter writer, ResamplePlan plan, InstructionSet set)
    {
        var vectors = VectorDialect.Longest(set);
        using (
            FamilyText.Method(
                writer,
                plan,
                set,
                Invariant($"{plan.Node.Shape} from {KernelText.Count(plan.Taps, "sample")} each along one axis"),
                ["input", "output"]
            )
        )
        {
            writer.Line($"float* weights = (float*){Pointer(plan, "Weights")};");
            writer.Line($"float* places = (float*){Pointer(plan, "Places")};");
            LoopNestWriter.Write(
                writer,
                plan.Nest,
                [("input", "source"), ("weights", "factors"), ("places", "distances"), ("output", "target")],
                (_, _) => throw new InvalidOperationException("The tables of a resize are operands."),
                count =>
                {
                    writer.Line("int* at = (int*)distances;");
                    if (plan.IsInnermost)
                        WriteInnermost(writer, plan, count);
                    else
                        RunWriter.Write(writer, vectors, count, 1, vector => WriteVector(writer, plan, vectors, vector));
                },
                ("range.TileFrom", "range.TileTo")
            );
        }

        writer.Line();
    }

    private static void WriteInnermost(CSharpWriter writer, ResamplePlan plan, string count)
    {
        using (writer.Block($"for (int i = 0; i < {count}; i++, at += {plan.Taps}, factors += {plan.Taps})"))
        {
            if (plan.Taps <= MostWrittenOut)
            {
                var terms = Enumerable.Range(0, plan.Taps).Select(tap => Invariant($"source[at[{tap}]] * factors[{tap}]"));
                writer.Line($"target[i] = {string.Join(" + ", terms)};");
                return;
            }

            writer.Line("float sum = 0f;");
            writer.Line($"for (int tap = 0; tap < {plan.Taps}; tap++)");
            using (writer.Indented())
                writer.Line("sum += source[at[tap]] * factors[tap];");
            writer.Line("target[i] = sum;");
        }
    }

    private static void WriteVector(CSharpWriter writer, ResamplePlan plan, VectorDialect vectors, RunVector vector)
    {
        string Product(string tap) => vectors.Multiply(vector.Load($"source + at[{tap}]"), vectors.Constant($"factors[{tap}]"));
        string Added(string tap) => vectors.MultiplyAdd(vector.Load($"source + at[{tap}]"), vectors.Constant($"factors[{tap}]"), "sum");
        writer.Line($"{vectors.Type} sum = {Product("0")};");
        if (plan.Taps <= MostWrittenOut)
        {
            for (var tap = 1; tap < plan.Taps; tap++)
                writer.Line($"sum = {Added(Invariant($"{tap}"))};");
        }
        else
        {
            writer.Line($"for (int tap = 1; tap < {plan.Taps}; tap++)");
            using (writer.Indented())
                writer.Line($"sum = {Added("tap")};");
        }

        writer.Line(vector.Store("target", "sum"));
    }

    private static string Pointer(ResamplePlan plan, string table) =>
        $"Runtime::Unsafe.AsPointer(ref Interop::MemoryMarshal.GetReference({plan.MethodStem}_{table}))";
}
