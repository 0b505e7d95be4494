using Subp.Core.Graphs;
using Subp.Core.Weights;
using Subp.Training.Engines;

namespace Subp.Training.Runs;

/// <summary>Takes the trained network out of an engine: pruned weights exactly zero, patterns on their declarations.</summary>
internal static class ModelExport
{
    /// <summary>The graph with its patterns and a copy of all weights.</summary>
    public static Model Export(ITrainingEngine engine, MaskState masks)
    {
        var weights = new WeightSet();
        var parameters = new List<Parameter>();
        foreach (var parameter in engine.Graph.Parameters)
        {
            float[] values = engine.Values(parameter.Name).ToArray();
            masks.Apply(parameter.Name, values);
            weights[parameter.Name] = new WeightTensor(parameter.Shape, values);
            parameters.Add(parameter with { Pattern = masks.PatternOf(parameter.Name), Bits = null });
        }

        return masks.Finish(new Model(engine.Graph.With(parameters: parameters), weights));
    }
}
