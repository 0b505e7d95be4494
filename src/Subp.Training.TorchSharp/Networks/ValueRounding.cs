using System.Runtime.InteropServices;
using Subp.Core.Graphs;
using Subp.Training.Engines;
using static TorchSharp.torch;

namespace Subp.Training.TorchSharp.Networks;

/// <summary>
/// The numbers that the bytes of a value stand for, to the bit as the embedded engine rounds the same numbers:
/// y = scale * rint(clamp(x / scale, -zero point, 255 - zero point)). The range follows the smallest and the largest number of each batch;
/// gradients pass where nothing was clamped.
/// </summary>
/// <param name="range">The smallest and the largest number, in memory of the process.</param>
internal sealed class ValueRounding(TorchParameter range)
{
    /// <summary>The rounded value.</summary>
    /// <param name="value">The exact one.</param>
    /// <param name="training">Whether the range follows it.</param>
    public Tensor Apply(Tensor value, bool training)
    {
        using var scope = NewDisposeScope();
        var exact = value.detach();
        var bounds = MemoryMarshal.Cast<byte, float>(range.Values.bytes);
        if (training)
            ByteRounding.Follow(bounds, exact.min().item<float>(), exact.max().item<float>());

        var quantization = Quantization.Covering(bounds[0], bounds[1]);
        int least = -quantization.ZeroPoint;
        int most = byte.MaxValue - quantization.ZeroPoint;
        // A tensor, because a GPU multiplies by the reciprocal of a plain number.
        var step = tensor(quantization.Scale, device: value.device);
        var steps = exact / step;
        var rounded = steps.clamp(least, most).round_().mul_(step);
        if (!value.requires_grad)
            return rounded.MoveToOuterDisposeScope();

        // What is added is zero, so that the sum is what was rounded, to the bit; its gradient is that of the exact value.
        var clamped = steps.lt(least - 0.5).logical_or_(steps.gt(most + 0.5));
        return rounded.add_((value - exact).masked_fill(clamped, 0)).MoveToOuterDisposeScope();
    }
}
