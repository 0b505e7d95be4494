using Subp.Compiler.Emission;
using Subp.Compiler.Families.Convolutions;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Hints;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.DirectConvolutions;

/// <summary>
/// Convolutions as sums over kept blocks and taps, dense and grouped ones among them, and block-sparse linear layers, which are
/// convolutions of one pixel.
/// </summary>
internal sealed class DirectConvolutionFamily : ImageFamily<ConvolutionPlan>
{
    /// <inheritdoc/>
    public override IEnumerable<KernelCandidate> Candidates(KernelChoices choices, GraphNode node) => [new DirectCandidate(choices, node)];

    /// <inheritdoc/>
    public override FamilyPlan Plan(FamilyRequest request) =>
        throw new InvalidOperationException($"'{request.Node.Name}' is planned by its candidate.");

    /// <inheritdoc/>
    public override bool HasChoices(Graph graph, GraphNode node) => ConvolutionShapes.HasChoices(graph, node);

    /// <inheritdoc/>
    public override void CheckHints(GraphNode node, IReadOnlyDictionary<string, string> words) => HintReader.Read(node.Name, words);

    /// <inheritdoc/>
    public override IEnumerable<HintCandidate> Alternatives(ModelPlan model, FamilyPlan layer, InstructionSet set) =>
        layer.KeptBlocks is null || layer.Node.Operator is PooledConv2d ? [] : DirectAlternatives.Of(model, layer, set);

    /// <inheritdoc/>
    public override void WriteTables(CSharpWriter writer, FamilyPlan plan)
    {
        if (plan is ConvolutionPlan own)
            ConvolutionWriter.WriteTables(writer, own);
    }

    /// <inheritdoc/>
    protected override bool Computes(Graph graph, GraphNode node) =>
        node.Operator is Conv2d
            ? node.Layout != Layout.Stripes16 && !ConvolutionShapes.IsDepthwise(graph, node)
            : ConvolutionShapes.IsSparseLinear(graph, node);

    /// <inheritdoc/>
    protected override void Write(CSharpWriter writer, ConvolutionPlan plan, InstructionSet set) =>
        new ConvolutionWriter(plan, set).Write(writer);
}
