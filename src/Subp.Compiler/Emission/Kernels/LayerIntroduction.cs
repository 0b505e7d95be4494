using Subp.Compiler.Emission.Runtime;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Costs;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Emission.Kernels;

/// <summary>
/// The sentences that a layer's file begins with: what is computed from what, where that lies, what threads divide, and what else there
/// was to choose from.
/// </summary>
internal static class LayerIntroduction
{
    private const int Columns = 128;

    /// <summary>Writes the sentences as comments.</summary>
    public static void Write(CSharpWriter writer, ModelPlan plan, FamilyPlan layer)
    {
        foreach (var sentence in Sentences(plan, layer))
        {
            foreach (var line in Wrapped(CSharpText.Comment(sentence)))
                writer.Line($"// {line}");
        }

        writer.Line();
    }

    private static IEnumerable<string> Sentences(ModelPlan plan, FamilyPlan layer)
    {
        var node = layer.Node;
        var sources = node.Inputs.Select(input => Source(plan, input)).ToArray();
        var activation = layer.Activation == Activation.None ? "" : $", {layer.Activation.Word} applied";
        // The second operand of these was an addition of its own before it was fused.
        var isSum = node.Operator is Conv2d or Linear && sources.Length > 1;
        yield return Invariant($"Layer {layer.Index}, {node.Name}: {node.Operator.Mnemonic} of ")
            + (isSum ? $"{sources[0]}, plus {Listed([.. sources.Skip(1)])}" : Listed(sources))
            + $"{activation}; the result is {node.Shape}"
            + (layer.Output is { } output ? $" in {ArenaMap.LayoutOf(output)}." : " where the caller wants it.");
        if (layer.IsInPlace)
            yield return $"The result is written over {layer.Inputs.First(input => input?.Offset == layer.Output!.Offset)!.Value}.";
        yield return Invariant(
            $"Threads divide {KernelText.Count(layer.TaskGroups, "group")} x {KernelText.Count(layer.TaskTiles, "tile")}"
        ) + (layer.TaskTiles * layer.TaskGroups == 1 ? ", a single task." : ".");
        var predicted = $"Cycles predicted for {plan.Options.Machine.Name} on one thread with {plan.Options.InstructionSets[0]}: ";
        if (layer.Frame.Rivals.Count > 1)
            yield return predicted
                + string.Join(", ", layer.Frame.Rivals.Select(rival => $"{rival.Name} {Rounded(rival.Cycles)}"))
                + (
                    plan.Options.Machine.IsStandard
                        ? "; the fewest win."
                        : $"; the fewest win, and of those {KernelChoices.IndistinctWords} of them what {MachineDescription.Standard.Name} prefers."
                );
        if (layer.Frame.Layouts is { } layouts)
            yield return $"{predicted}blocks {Rounded(layouts.Blocks)}, stripes {Rounded(layouts.Stripes)}; with what conversions around it cost, "
                + (node.Layout == Layout.Stripes16 ? "stripes win by a tenth or more." : "stripes do not win by a tenth.");
        if (layer.DenseReason is { } dense)
            yield return $"No sparse kernel: {dense}.";
        if (layer.ChoiceReason is { } reason)
            yield return $"On the choice of the kernel: {reason}.";
    }

    /// <summary>A value and the layer that makes it, behind the names that are another value under another name.</summary>
    private static string Source(ModelPlan plan, string value) =>
        LayerTable.Producer(plan, value) is { } layer ? Invariant($"{value} (layer {layer.Index})")
        : plan.Graph.IsInput(value) ? $"{value} (the caller's)"
        : value;

    private static string Listed(string[] parts) =>
        parts.Length < 2 ? string.Concat(parts) : string.Join(", ", parts.Take(parts.Length - 1)) + " and " + parts[parts.Length - 1];

    // Three digits say as much as the model knows.
    private static string Rounded(double cycles)
    {
        long scale = 1;
        while (cycles >= 1000 * scale)
            scale *= 10;
        return CSharpText.Number((long)Math.Floor((cycles / scale) + 0.5) * scale);
    }

    private static IEnumerable<string> Wrapped(string sentence)
    {
        while (sentence.Length > Columns && sentence.LastIndexOf(' ', Columns) is > 0 and var blank)
        {
            yield return sentence.Substring(0, blank);
            sentence = sentence.Substring(blank + 1);
        }

        yield return sentence;
    }
}
