using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Weights;
using Subp.Training.Interchange.Networks;
using Subp.Training.Interchange.StateDict;

namespace Subp.Training.Interchange;

/// <summary>
/// Weights that were trained elsewhere, read into a network of the zoo: what a training can start from, or a model to compile.
/// </summary>
/// <param name="Graph">The network, without patterns.</param>
/// <param name="Stored">The values of every parameter as the file has them; pruned weights keep theirs.</param>
/// <param name="Masks">The kept blocks of the weights that the file has masks of, by parameter.</param>
public sealed record PretrainedWeights(Graph Graph, WeightSet Stored, IReadOnlyDictionary<string, MaskedWeight> Masks)
{
    /// <summary>Reads a state dictionary into a network of the zoo.</summary>
    /// <param name="state">The state dictionary, with the names of PyTorch.</param>
    /// <param name="graph">A network of the zoo; see <see cref="NetworkRecognition"/> for the one that fits.</param>
    /// <exception cref="SubpException">SUBP0563: names or shapes differ. SUBP0565: a mask is not one of 1xN blocks. SUBP0566: the network
    /// has no names in PyTorch. SUBP0560: the values in the file are damaged. SUBP0305: a value is not finite.</exception>
    public static PretrainedWeights Load(StateDictionary state, Graph graph)
    {
        var names = StateNames.Of(graph) ?? throw StateDictionaryExport.NotNamed(graph);
        return new PretrainedWeights(graph, StateDictionaryBinding.Bind(graph, names, state), MaskBuffers.Read(graph, names, state));
    }

    /// <summary>The network with its masks applied: pruned weights exactly zero, patterns on their parameters.</summary>
    public Model ToModel()
    {
        var weights = new WeightSet();
        var parameters = new List<Parameter>();
        foreach (var parameter in Graph.Parameters)
        {
            float[] values = [.. Stored[parameter.Name].Values];
            var masked = Masks.GetValueOrDefault(parameter.Name);
            masked?.Mask.Apply(masked.Grid, values);
            weights[parameter.Name] = new WeightTensor(parameter.Shape, values);
            parameters.Add(parameter with { Pattern = masked?.Mask.ToPattern(masked.Grid.BlockLength), Bits = null });
        }

        return new Model(Graph.With(parameters: parameters), weights);
    }
}
