using Subp.Core.Graphs;
using Subp.Training.Engines;
using static TorchSharp.torch;

namespace Subp.Training.TorchSharp.Networks;

/// <summary>Weights as signed bytes with a scale for each output channel, to the bit as the embedded engine rounds them.</summary>
internal static class WeightRounding
{
    /// <summary>Replaces weights by what their bytes stand for. Gradients must be off.</summary>
    public static void Apply(Tensor weight, ByteRounding rounding)
    {
        using var scope = NewDisposeScope();
        int largest = rounding.LargestWeight;
        long[] within = [.. Enumerable.Range(1, (int)weight.dim() - 1)];
        // Factors are tensors, because a GPU multiplies by the reciprocal of a plain number.
        var step = weight.abs().amax(within, keepdim: true) / tensor((float)largest, device: weight.device);
        step = where(step.ge(Quantization.SmallestScale).logical_and(step.isfinite()), step, ones_like(step));
        var steps = (weight.to(float64) / step.to(float64)).round().clamp(-largest, largest);
        weight.copy_(steps.to(float32) * step);
    }
}
