using Subp.Compiler;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Inspection;
using Subp.Core.Operators;
using Subp.Core.Sparsity;
using Subp.Tooling.Quantizing.Precision;

namespace Subp.Tooling.Inspection;

/// <summary>One row of the layer table.</summary>
/// <param name="Name">The node.</param>
/// <param name="Operator">What it computes.</param>
/// <param name="Shape">The shape of its result.</param>
/// <param name="DenseMacs">Multiply-accumulates as if dense.</param>
/// <param name="KeptMacs">Multiply-accumulates of kept blocks.</param>
/// <param name="Pattern">The block pattern, or null.</param>
/// <param name="Kernel">The kernel on the best instruction set.</param>
/// <param name="Reason">Why it has no sparse kernel, or null.</param>
/// <param name="Choice">The hints that chose the kernel, or why one that may be expected was not chosen; null where there is nothing to
/// say.</param>
/// <param name="DenseWeights">The weights of the dense tensor, bias not counted.</param>
/// <param name="KeptWeights">The weights of kept blocks.</param>
/// <param name="Arithmetic">What it computes on, in a network of bytes: <c>int8</c>, <c>int8 to f32</c>, <c>f32</c>, or a conversion; null
/// in a network of floats.</param>
/// <param name="FloatReason">Why it computes on floats among bytes; null where it does not.</param>
/// <param name="WeightBits">How many bits each weight is stored in, and unpacked from when the network is loaded; null where it is stored
/// as it is computed with.</param>
internal sealed record LayerRow(
    string Name,
    string Operator,
    TensorShape Shape,
    long DenseMacs,
    long KeptMacs,
    PatternSummary? Pattern,
    string Kernel,
    string? Reason,
    string? Choice,
    long DenseWeights,
    long KeptWeights,
    string? Arithmetic,
    string? FloatReason,
    int? WeightBits
)
{
    /// <summary>Everything there is to say about the choice of the kernel.</summary>
    public string Remarks => string.Join("; ", new[] { Reason, Choice, FloatReason, Stored }.Where(text => text is not null));

    private string? Stored => WeightBits is { } bits ? FormattableString.Invariant($"stored in {bits} bits a weight") : null;

    /// <summary>The rows of a plan.</summary>
    public static IReadOnlyList<LayerRow> Of(ModelPlan plan, InstructionSet set) =>
        [
            .. plan.Layers.Select(layer => new LayerRow(
                layer.Node.Name,
                layer.Node.Operator.Mnemonic,
                layer.Node.Shape,
                layer.DenseMacs,
                layer.KeptMacs,
                PatternSummary.Of(PatternOf(plan.Graph, layer.Node)),
                layer.KernelName(set),
                layer.DenseReason,
                layer.ChoiceReason,
                LayerCost.Of(plan.Graph, layer.Node).DenseWeights,
                LayerCost.Of(plan.Graph, layer.Node).KeptWeights,
                ArithmeticOf(plan.Graph, layer.Node),
                FloatReasonOf(plan.Graph, layer.Node),
                layer
                    .Node.Operator.Parameters.Select(use => plan.Graph.FindParameter(use.Name)?.Bits)
                    .FirstOrDefault(bits => bits is not null)
            )),
        ];

    private static string? ArithmeticOf(Graph graph, GraphNode node)
    {
        if (!HasBytes(graph))
            return null;
        var (reads, makes) = (node.Inputs.Any(input => graph.TypeOf(input).Quantization is not null), node.Type.Quantization is not null);
        return (reads, makes) switch
        {
            (true, true) => "int8",
            (true, false) => "int8 to f32",
            (false, true) => "f32 to int8",
            _ => "f32",
        };
    }

    private static string? FloatReasonOf(Graph graph, GraphNode node)
    {
        if (!HasBytes(graph) || !StrictIntegers.ComputesOnFloats(graph, node))
            return null;
        return node.Operator.Parameters.Any(use => use.Role == "weight") ? "on floats: its weights are floats"
            : node.Inputs.All(input => graph.FindNode(input)?.Operator is Dequantize) ? "on floats: it has no integer form here"
            : "on floats: it reads floats";
    }

    private static bool HasBytes(Graph graph) => graph.Nodes.Any(node => node.Type.Quantization is not null);

    private static BlockPattern? PatternOf(Graph graph, GraphNode node) =>
        node.Operator.Parameters.Select(use => graph.FindParameter(use.Name)?.Pattern).FirstOrDefault(pattern => pattern is not null);
}

/// <summary>What a table says about a block pattern.</summary>
/// <param name="BlockLength">N.</param>
/// <param name="KeptBlocks">Kept blocks of all groups.</param>
/// <param name="Blocks">All blocks.</param>
/// <param name="Fewest">The kept blocks of the group that keeps the fewest.</param>
/// <param name="Most">The kept blocks of the group that keeps the most.</param>
internal sealed record PatternSummary(int BlockLength, int KeptBlocks, int Blocks, int Fewest, int Most)
{
    /// <summary>True where every group keeps the same number of blocks.</summary>
    public bool Uniform => Fewest == Most;

    /// <summary>Summarises a pattern.</summary>
    public static PatternSummary? Of(BlockPattern? pattern)
    {
        if (pattern is null)
            return null;
        var counts = Enumerable.Range(0, pattern.Groups).Select(group => pattern.Kept(group).Count).ToArray();
        return new PatternSummary(
            pattern.BlockLength,
            pattern.KeptBlocks,
            pattern.Groups * pattern.InputChannels,
            counts.Min(),
            counts.Max()
        );
    }

    /// <summary>The text form, for example <c>1x16 8/32 uniform</c>.</summary>
    public override string ToString() =>
        Uniform
            ? FormattableString.Invariant($"1x{BlockLength} {KeptBlocks}/{Blocks} uniform")
            : FormattableString.Invariant($"1x{BlockLength} {KeptBlocks}/{Blocks} {Fewest}-{Most} a group");
}
