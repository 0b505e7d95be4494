using Subp.Core.Operators;
using static TorchSharp.torch;

namespace Subp.Training.TorchSharp.Networks;

/// <summary>Element-wise functions.</summary>
internal static class ActivationFunction
{
    /// <summary>Applies one.</summary>
    /// <param name="activation">Which.</param>
    /// <param name="value">The value.</param>
    /// <param name="mayOverwrite">Whether nobody else needs the value, so that its memory may take the result.</param>
    public static Tensor Apply(Activation activation, Tensor value, bool mayOverwrite) =>
        activation.Kind switch
        {
            ActivationKind.Sigmoid => value.sigmoid(),
            ActivationKind.HardSigmoid => Clip(value * activation.Alpha + activation.Beta, 0, 1),
            ActivationKind.HardSwish => value * (value + 3).relu6() / 6,
            ActivationKind.Silu => value.silu(),
            _ when activation == Activation.None => value,
            _ when activation == Activation.Relu => mayOverwrite ? value.relu_() : value.relu(),
            // libtorch would pass the gradient of values that lie on the bound.
            _ when activation.Minimum == activation.Maximum => full_like(value, activation.Minimum),
            _ when activation == Activation.Relu6 => value.relu6(),
            _ => Clip(value, activation.Minimum, activation.Maximum),
        };

    // Not clamp alone, whose gradient passes at the bounds: that of the other engine, and of ReLU, is zero there. Not hardtanh, which does
    // nothing in TorchSharp 0.107.
    private static Tensor Clip(Tensor value, float minimum, float maximum) =>
        where(value.gt(minimum).logical_and(value.lt(maximum)), value, value.detach().clamp(minimum, maximum));
}
