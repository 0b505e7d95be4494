using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Subp.Training.TorchSharp;

/// <summary>
/// Values of tensors in and out of managed memory, in the order of the dense shape, whatever device and layout they have.
/// </summary>
internal static class HostCopy
{
    /// <summary>A copy of all values.</summary>
    public static float[] Read(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return MemoryMarshal.Cast<byte, float>(tensor.detach().cpu().contiguous().bytes).ToArray();
    }

    /// <summary>Replaces all values; strides and device stay.</summary>
    public static void Write(Tensor tensor, ReadOnlySpan<float> values)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var target = tensor.detach();
        if (IsPlain(target))
            values.CopyTo(MemoryMarshal.Cast<byte, float>(target.bytes));
        else
            target.copy_(from_array(values.ToArray()).reshape(target.shape));
    }

    /// <summary>Whether the values lie in memory of the process in the order of the shape, so that a span can be laid over them.</summary>
    public static bool IsPlain(Tensor tensor) => tensor.device_type == global::TorchSharp.DeviceType.CPU && tensor.is_contiguous();
}
