using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Emission.Runtime;

/// <summary>
/// The table of layers for the remarks of the emitted class: what each layer is and reads, which kernel it got, what its zeros save, and why.
/// </summary>
internal static class LayerTable
{
    private static readonly string[] Titles = ["#", "node", "reads", "output", "kernel", "blocks", "dense MACs", "kept MACs", "why"];

    /// <summary>The lines of the table, columns aligned, without trailing blanks.</summary>
    public static IEnumerable<string> Lines(ModelPlan plan)
    {
        var rows = new List<string[]> { Titles };
        rows.AddRange(plan.Layers.Select(layer => Row(plan, layer)));
        return AlignedColumns.Lines(rows, column => column is 0 or 5 or 6 or 7);
    }

    /// <summary>
    /// The layer that makes a value: a value that is another one in other words has that one's. Null where the caller gives it.
    /// </summary>
    public static LayerPlan? Producer(ModelPlan plan, string value)
    {
        while (true)
        {
            if (plan.Layers.FirstOrDefault(layer => layer.Node.Name == value) is { } layer)
                return layer;
            if (plan.Graph.FindNode(value) is not { Inputs.Count: > 0 } node)
                return null;
            value = node.Inputs[0];
        }
    }

    private static string Reads(ModelPlan plan, LayerPlan layer) =>
        string.Join(
            ",",
            layer.Node.Inputs.Select(input =>
                Producer(plan, input) is { } source ? CSharpText.Number(source.Index) : CSharpText.Comment(input)
            )
        );

    private static string Why(LayerPlan layer) =>
        string.Join("; ", new[] { layer.DenseReason, layer.ChoiceReason }.Where(reason => reason is not null));

    private static string[] Row(ModelPlan plan, LayerPlan layer) =>
        [
            CSharpText.Number(layer.Index),
            CSharpText.Comment(layer.Node.Name),
            Reads(plan, layer),
            layer.Node.Shape.ToString(),
            layer.KernelName(plan.Options.InstructionSets[0]),
            Blocks(plan.Graph, layer.Node.Operator),
            layer.DenseMacs > 0 ? CSharpText.Number(layer.DenseMacs) : "",
            layer.DenseMacs > 0 ? CSharpText.Number(layer.KeptMacs) : "",
            CSharpText.Comment(Why(layer)),
        ];

    private static string Blocks(Graph graph, Operator @operator)
    {
        var weight = @operator switch
        {
            Conv2d convolution => convolution.Weight,
            PooledConv2d pooled => pooled.Convolution.Weight,
            Linear linear => linear.Weight,
            _ => null,
        };
        return weight is not null && graph.FindParameter(weight)?.Pattern is { } pattern
            ? CSharpText.Number(pattern.KeptBlocks) + "/" + CSharpText.Number((long)pattern.Groups * pattern.InputChannels)
            : "";
    }
}
