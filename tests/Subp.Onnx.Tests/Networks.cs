using Subp.Core.Graphs;
using Subp.Core.Interpretation;
using Subp.Core.Weights;

namespace Subp.Onnx.Tests;

/// <summary>Gives graphs seeded weights and runs models.</summary>
internal static class Networks
{
    public static Model WithWeights(Graph graph, int seed = 1)
    {
        var random = new Random(seed);
        var weights = new WeightSet();
        foreach (var parameter in graph.Parameters)
        {
            // Variances must be positive; nothing else minds.
            var isVariance = parameter.Name.EndsWith("variance", StringComparison.Ordinal);
            var values = new float[parameter.Shape.ElementCount];
            for (var index = 0; index < values.Length; index++)
                values[index] = (float)(isVariance ? 0.5 + random.NextDouble() : (random.NextDouble() * 2) - 1);
            weights[parameter.Name] = new WeightTensor(parameter.Shape, values);
        }

        return new Model(graph, weights);
    }

    public static float[] Run(Model model, int seed = 2)
    {
        var random = new Random(seed);
        var input = new float[model.Graph.Inputs[0].Shape.ElementCount];
        for (var index = 0; index < input.Length; index++)
            input[index] = (float)((random.NextDouble() * 4) - 2);
        return Run(model, input);
    }

    public static float[] Run(Model model, float[] input)
    {
        var output = new float[model.Graph.ShapeOf(model.Graph.Outputs[0]).ElementCount];
        new ReferenceInterpreter(model).Run(input, output);
        return output;
    }
}
