using Subp.Core.Graphs;

namespace Subp.Training.Sparsification.Methods;

/// <summary>Which layers a recipe prunes.</summary>
/// <param name="BlockLength">N.</param>
/// <param name="MinimumInputChannels">Layers with fewer input channels stay dense by default.</param>
/// <param name="Include">Names or patterns of layers; empty for the default selection.</param>
/// <param name="Exclude">Names or patterns of layers that stay dense.</param>
public sealed record LayerChoice(int BlockLength, int MinimumInputChannels, IReadOnlyList<string> Include, IReadOnlyList<string> Exclude)
{
    /// <summary>The layers of a network.</summary>
    /// <exception cref="Core.Diagnostics.SubpException">As <see cref="LayerSelection.Select"/>.</exception>
    public IReadOnlyList<MaskedLayer> Select(Graph graph) =>
        LayerSelection.Select(graph, BlockLength, MinimumInputChannels, Include, Exclude);
}
