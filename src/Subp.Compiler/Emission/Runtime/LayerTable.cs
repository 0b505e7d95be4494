using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Emission.Runtime;

/// <summary>
/// The table of layers for the remarks of the emitted class: what each layer is, which kernel it got, and what its zeros save.
/// </summary>
internal static class LayerTable
{
    private static readonly string[] Titles = ["#", "node", "output", "kernel", "blocks", "dense MACs", "kept MACs", "why dense"];

    /// <summary>The lines of the table, columns aligned, without trailing blanks.</summary>
    public static IEnumerable<string> Lines(ModelPlan plan)
    {
        var rows = new List<string[]> { Titles };
        rows.AddRange(plan.Layers.Select(layer => Row(plan, layer)));
        var widths = Enumerable.Range(0, Titles.Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows)
            yield return string.Join(
                    "  ",
                    row.Select((cell, column) => IsNumber(column) ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]))
                )
                .TrimEnd();
    }

    private static bool IsNumber(int column) => column is 0 or 4 or 5 or 6;

    private static string[] Row(ModelPlan plan, LayerPlan layer) =>
        [
            CSharpText.Number(layer.Index),
            CSharpText.Comment(layer.Node.Name),
            layer.Node.Shape.ToString(),
            layer.KernelName(plan.Options.InstructionSets[0]),
            Blocks(plan.Graph, layer.Node.Operator),
            layer.DenseMacs > 0 ? CSharpText.Number(layer.DenseMacs) : "",
            layer.DenseMacs > 0 ? CSharpText.Number(layer.KeptMacs) : "",
            CSharpText.Comment(layer.DenseReason ?? ""),
        ];

    private static string Blocks(Graph graph, Operator @operator)
    {
        var weight = @operator switch
        {
            Conv2d convolution => convolution.Weight,
            Linear linear => linear.Weight,
            _ => null,
        };
        return weight is not null && graph.FindParameter(weight)?.Pattern is { } pattern
            ? CSharpText.Number(pattern.KeptBlocks) + "/" + CSharpText.Number((long)pattern.Groups * pattern.InputChannels)
            : "";
    }
}
