using Subp.Compiler.Emission;
using Subp.Compiler.Families.Bytes;
using Subp.Core.Operators;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.IntegerElementwise;

/// <summary>Writes functions of one or two bytes.</summary>
internal static class IntegerElementwiseWriter
{
    /// <summary>Writes the layer method for one instruction set.</summary>
    public static void Write(CSharpWriter writer, IntegerElementwisePlan plan, InstructionSet set)
    {
        var vectors = ByteVectors.Of(set, plan.Pitch);
        string[] pointers = plan.Table is null ? ["left", "right", "output"] : ["input", "output"];
        using (FamilyText.Method(writer, plan, set, $"{plan.Node.Shape}", pointers))
        {
            if (plan.Table is not null)
                WriteTable(writer, plan);
            else if (plan.IsGate)
                WriteGate(writer, plan, vectors);
            else
                WritePairs(writer, plan, vectors);
        }

        writer.Line();
    }

    private static void WriteTable(CSharpWriter writer, IntegerElementwisePlan plan)
    {
        writer.Line($"byte* table = {ByteTable.Pointer(plan, "Bytes")};");
        writer.Line("byte* source = (byte*)input;");
        writer.Line("byte* target = (byte*)output;");
        writer.Line($"int last = System::Math.Min({plan.Length}, range.TileTo * {plan.TaskBytes});");
        writer.Line($"for (int i = range.TileFrom * {plan.TaskBytes}; i < last; i++)");
        using (writer.Indented())
            writer.Line("target[i] = table[source[i]];");
    }

    private static void WritePairs(CSharpWriter writer, IntegerElementwisePlan plan, ByteVectors vectors)
    {
        WriteLocals(writer, plan, vectors);
        writer.Line($"int last = System::Math.Min({plan.Length}, range.TileTo * {plan.TaskBytes});");
        using (writer.Block($"for (int i = range.TileFrom * {plan.TaskBytes}; i < last; i += {vectors.Lanes})"))
            WriteVector(writer, plan, vectors, "(byte*)left + i", "(byte*)right + i", "(byte*)output + i");
    }

    private static void WriteGate(CSharpWriter writer, IntegerElementwisePlan plan, ByteVectors vectors)
    {
        WriteLocals(writer, plan, vectors);
        using (writer.Block("for (int tile = range.TileFrom; tile < range.TileTo; tile++)"))
        {
            writer.Line(
                $"byte* gate = (byte*)right{(plan.Shape.Batch == 1 ? "" : Invariant($" + tile / {plan.Shape.Height} * {plan.Pitch}"))};"
            );
            writer.Line($"long row = (long)tile * {plan.TaskBytes};");
            using (writer.Block($"for (int column = 0; column < {plan.Shape.Width}; column++, row += {plan.Pitch})"))
            using (writer.Block($"for (int channel = 0; channel < {plan.Pitch}; channel += {vectors.Lanes})"))
                WriteVector(writer, plan, vectors, "(byte*)left + row + channel", "gate + channel", "(byte*)output + row + channel");
        }
    }

    private static void WriteLocals(CSharpWriter writer, IntegerElementwisePlan plan, ByteVectors vectors)
    {
        plan.Placement.WriteLocals(writer, vectors);
        writer.Line($"{vectors.Integers} leftZero = {vectors.Constant(plan.Sources[0].ZeroPoint)};");
        writer.Line($"{vectors.Integers} rightZero = {vectors.Constant(plan.Sources[1].ZeroPoint)};");
        if (plan.Node.Operator is Add)
        {
            writer.Line($"{vectors.Floats} leftRatio = {vectors.Constant(IntegerLayer.Ratio(plan.Sources[0], plan.Result))};");
            writer.Line($"{vectors.Floats} rightRatio = {vectors.Constant(IntegerLayer.Ratio(plan.Sources[1], plan.Result))};");
        }
        else
        {
            var factor = IntegerLayer.Multiplier(plan.Sources[0].Scale, plan.Sources[1].Scale, plan.Result.Scale);
            writer.Line($"{vectors.Floats} factor = {vectors.Constant(factor)};");
        }
    }

    private static void WriteVector(
        CSharpWriter writer,
        IntegerElementwisePlan plan,
        ByteVectors vectors,
        string left,
        string right,
        string target
    )
    {
        var (x, y) = ("a", "b");
        writer.Line($"{vectors.Integers} a = {vectors.SubtractIntegers(vectors.LoadBytes(left), "leftZero")};");
        writer.Line($"{vectors.Integers} b = {vectors.SubtractIntegers(vectors.LoadBytes(right), "rightZero")};");
        var steps =
            plan.Node.Operator is Add
                ? vectors.Add(vectors.Multiply(vectors.ToFloats(x), "leftRatio"), vectors.Multiply(vectors.ToFloats(y), "rightRatio"))
                : vectors.Multiply(vectors.ToFloats(vectors.MultiplyIntegers(x, y)), "factor");
        plan.Placement.WriteStore(writer, vectors, steps, target);
    }
}
