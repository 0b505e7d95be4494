using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Families.Convolutions;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Hints;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.Winograd;

/// <summary>
/// Convolutions of 3 x 3 taps and stems of networks in the Winograd domain. A 1xN block is a whole kernel, so its zeros are zeros at every
/// position of the transformed tile and the pattern carries over as it is: sparsity and fewer multiplications multiply.
/// </summary>
internal sealed class WinogradFamily : KernelFamily
{
    /// <inheritdoc/>
    public override bool IsDense => false;

    /// <inheritdoc/>
    /// <remarks>Every layer that a hint may ask it for, so that it can answer that hint.</remarks>
    public override bool Accepts(Graph graph, GraphNode node) =>
        node.Layout != Layout.Stripes16
        && ImageShapes.Are(graph, node)
        && (node.Operator is Conv2d or PooledConv2d || ConvolutionShapes.IsSparseLinear(graph, node))
        && !ConvolutionShapes.IsDepthwise(graph, node);

    /// <inheritdoc/>
    public override IEnumerable<KernelCandidate> Candidates(KernelChoices choices, GraphNode node) => WinogradChoices.Of(choices, node);

    /// <inheritdoc/>
    public override FamilyPlan Plan(FamilyRequest request) =>
        throw new InvalidOperationException($"'{request.Node.Name}' is planned by its candidate.");

    /// <inheritdoc/>
    public override string? Remark(KernelChoices choices, GraphNode node) => WinogradChoices.Remark(choices, node);

    /// <inheritdoc/>
    public override IEnumerable<HintCandidate> Alternatives(ModelPlan model, FamilyPlan layer, InstructionSet set) =>
        layer.KeptBlocks is null || layer.Node.Operator is PooledConv2d ? [] : WinogradAlternatives.Of(model, layer, set);

    /// <inheritdoc/>
    public override void WriteTables(CSharpWriter writer, FamilyPlan plan)
    {
        if (plan is WinogradPlan { Pattern: var pattern } own)
            PatternTables.Write(
                writer,
                own,
                pattern,
                pattern.IsFull ? 1 : pattern.Groups,
                channel => (channel / 16 * own.TransformedBlockStride) + (channel % 16)
            );
    }

    /// <inheritdoc/>
    public override bool TryWrite(CSharpWriter writer, FamilyPlan plan, InstructionSet set, ModelPlan model)
    {
        if (plan is not WinogradPlan own)
            return false;
        new WinogradLayerWriter(own, set, new WinogradParts(model)).Write(writer);
        return true;
    }

    /// <inheritdoc/>
    public override KernelFile? WriteShared(ModelPlan model, InstructionSet set) =>
        new WinogradParts(model) is { Layers.Count: > 0 } parts ? WinogradFile.Write(model, parts, set) : null;
}
