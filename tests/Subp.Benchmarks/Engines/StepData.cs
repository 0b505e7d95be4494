using Subp.Core.Graphs;
using Subp.Training.Numerics;

namespace Subp.Benchmarks.Engines;

/// <summary>Images and labels of a training step: noise, which takes as long as pictures do.</summary>
internal static class StepData
{
    /// <summary>A batch for a network.</summary>
    public static (float[] Images, int[] Labels) Of(Graph graph, int batch, DeterministicRandom random)
    {
        int classes = graph.ShapeOf(graph.Outputs[0]).Channels;
        int length = graph.Inputs[0].Shape.ElementCount / graph.Inputs[0].Shape.Batch;
        return (
            [.. Enumerable.Range(0, batch * length).Select(_ => (float)random.NextGaussian())],
            [.. Enumerable.Range(0, batch).Select(_ => random.NextInt32(classes))]
        );
    }
}
