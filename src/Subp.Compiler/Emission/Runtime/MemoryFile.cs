using Subp.Compiler.Planning;

namespace Subp.Compiler.Emission.Runtime;

/// <summary>
/// Writes the names of all places: of values in the arena, of constants, and of weights in their file. Run lists and the loader use these
/// names, so that a call reads as the network does.
/// </summary>
internal static class MemoryFile
{
    /// <summary>The file <c>{Class}.Memory.cs</c>.</summary>
    public static EmittedFile Write(ModelPlan plan, WeightPlaces weights) =>
        ModelFileScope.Write(
            plan,
            ".Memory",
            _ => { },
            writer =>
            {
                var names = MemoryNames.Of(plan);
                WriteValues(writer, plan, names);
                WriteConstants(writer, plan, names);
                WriteWeights(writer, plan, weights, names);
            }
        );

    private static void WriteValues(CSharpWriter writer, ModelPlan plan, MemoryNames names)
    {
        if (plan.Buffers.Count == 0)
            return;
        writer.Line(
            """
            // Where values lie in the arena of a session, in floats from its start. Values that are never alive together share places; one that
            // is written over another begins where that does. A halo is zeros around each plane, rows above, columns left, rows below, columns
            // right: the pointers in the run lists begin at the first pixel inside of it, or where the first window does.
            """
        );
        using (writer.Block($"private static class {MemoryNames.ValuesClass}"))
        {
            foreach (var buffer in plan.Buffers)
                writer.Line($"// {ArenaMap.Describe(plan, buffer)}").Line($"internal const int {names.Value(buffer)} = {buffer.Offset};");
        }

        writer.Line();
    }

    private static void WriteConstants(CSharpWriter writer, ModelPlan plan, MemoryNames names)
    {
        if (plan.Constants.Count == 0)
            return;
        writer.Line("// Where what is computed from weights when they are loaded lies among the constants, in floats from their start.");
        using (writer.Block($"private static class {MemoryNames.ConstantsClass}"))
        {
            foreach (var constant in plan.Constants)
                writer.Line($"internal const int {names.Constant(constant)} = {constant.Offset}; // {constant.Length} floats");
        }

        writer.Line();
    }

    private static void WriteWeights(CSharpWriter writer, ModelPlan plan, WeightPlaces weights, MemoryNames names)
    {
        if (plan.Source.Parameters.Count == 0)
            return;
        writer.Line("// Where parameters lie in the weights file, in bytes from its start.");
        using (writer.Block($"private static class {MemoryNames.WeightsClass}"))
        {
            foreach (var parameter in plan.Source.Parameters)
            {
                var blocks = parameter.Pattern is { } pattern
                    ? InvariantText.Invariant(
                        $", {pattern.KeptBlocks} of {(long)pattern.Groups * pattern.InputChannels} blocks of {pattern.BlockLength}"
                    )
                    : "";
                var bits = parameter.Bits is { } count ? InvariantText.Invariant($", {count} bits each") : "";
                WritePlace(
                    writer,
                    names.Weight(parameter.Name),
                    weights.Offset(parameter.Name),
                    $"{CSharpText.Comment(parameter.Name)} {parameter.Shape}{blocks}{bits}"
                );
                if (WeightPlaces.HasScales(parameter))
                    WritePlace(
                        writer,
                        names.Scales(parameter.Name),
                        weights.ScalesOffset(parameter.Name),
                        InvariantText.Invariant($"{parameter.Shape[0]} scales of these")
                    );
            }
        }
    }

    private static void WritePlace(CSharpWriter writer, string name, long offset, string comment) =>
        writer.Line($"internal const {(offset > int.MaxValue ? "long" : "int")} {name} = {offset}; // {comment}");
}
