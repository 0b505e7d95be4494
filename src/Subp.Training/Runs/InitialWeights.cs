using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Weights;

namespace Subp.Training.Runs;

/// <summary>Weights that a training starts from.</summary>
public static class InitialWeights
{
    /// <summary>Requires one value of the right shape for every parameter.</summary>
    /// <exception cref="SubpException">SUBP0581 for the first parameter that is missing or has another shape.</exception>
    public static void RequireFit(Graph graph, WeightSet weights)
    {
        var names = weights.Names.ToHashSet(StringComparer.Ordinal);
        foreach (var parameter in graph.Parameters)
        {
            var found = names.Contains(parameter.Name) ? weights[parameter.Name].Shape : null;
            if (found is null || !found.Equals(parameter.Shape))
            {
                throw new SubpException(
                    DiagnosticDescriptors.InitialWeightsMismatch,
                    $"parameter '{parameter.Name}'",
                    found is null ? "no values for it" : $"values of shape {found}",
                    $"shape {parameter.Shape}",
                    "Start from a network of the same structure, or choose the --model it was trained as."
                );
            }
        }
    }

    /// <summary>The weights in the checkpoint of a run, batch normalisation not folded, pruned weights with the values they kept.</summary>
    /// <param name="path">A checkpoint.</param>
    /// <param name="graph">The network of the run.</param>
    /// <exception cref="SubpException">SUBP0507 where the file is damaged or of another version; SUBP0581 where it is of another
    /// network.</exception>
    public static WeightSet ReadCheckpoint(string path, Graph graph) => Checkpoint.ReadWeights(path, File.ReadAllBytes(path), graph);
}
