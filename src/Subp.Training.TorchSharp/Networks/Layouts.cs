using static TorchSharp.torch;

namespace Subp.Training.TorchSharp.Networks;

/// <summary>The order of the dimensions in memory. TorchSharp has no memory format; strides say the same.</summary>
internal static class Layouts
{
    /// <summary>The same values with channels innermost in memory; convolutions of libtorch see it from the strides and keep it.</summary>
    public static Tensor ChannelsLast(Tensor tensor) =>
        tensor.dim() == 4 ? tensor.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2) : tensor;
}
