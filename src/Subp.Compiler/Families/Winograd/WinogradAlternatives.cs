using Subp.Compiler.Families.Convolutions;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Hints;
using Subp.Core.Graphs;

namespace Subp.Compiler.Families.Winograd;

/// <summary>The transforms that tuning measures for a layer, beside the one that was chosen.</summary>
internal static class WinogradAlternatives
{
    /// <summary>Hints for the transforms that the layer can have.</summary>
    public static IEnumerable<HintCandidate> Of(ModelPlan model, FamilyPlan layer, InstructionSet set)
    {
        var (graph, node) = (model.Graph, layer.Node);
        var isPrecise = model.Options.Precise || RoundingExposure.ExposedNodes(graph).Contains(node.Name);
        if (WinogradPhases.TransformOf(graph, node) is { } phased)
            // With a pool behind it the layer would be another one, which is not compared with this.
            return isPrecise || layer is WinogradPlan || IsPooled(graph, node, phased)
                ? []
                : [Hint(phased, WinogradCandidate.CyclesOf(graph, node, WinogradPhases.PatternOf(graph, node), phased, set, Machine()))];
        if (!WinogradChoices.HasTransform(graph, node) || WinogradChoices.Obstacle(graph, node) is not null)
            return [];
        return (isPrecise ? [WinogradTransform.Two] : new[] { WinogradTransform.Four, WinogradTransform.Two })
            .Where(transform => layer is not WinogradPlan own || own.Transform != transform)
            .Select(transform => Hint(transform, WinogradCandidate.CyclesOf(graph, node, layer.KeptBlocks!, transform, set, Machine())));

        Planning.Costs.MachineDescription Machine() => model.Options.Machine;
    }

    private static bool IsPooled(Graph graph, GraphNode node, WinogradTransform phased) =>
        graph.ConsumersOf(node.Name) is { Count: 1 } readers && WinogradPool.Of(node, readers[0], phased) is not null;

    private static HintCandidate Hint(WinogradTransform transform, double cycles) =>
        new([new(HintReader.Algorithm, HintReader.AlgorithmWord(transform))], cycles);
}
