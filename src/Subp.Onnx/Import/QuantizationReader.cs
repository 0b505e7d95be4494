using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using DataType = Subp.Onnx.Protos.TensorProto.Types.DataType;

namespace Subp.Onnx.Import;

/// <summary>Reads scale and zero point of a value that the network computes.</summary>
internal static class QuantizationReader
{
    /// <summary>Signed bytes become unsigned ones: both the bytes and their zero point are this much larger.</summary>
    public const int SignedOffset = 128;

    /// <summary>The quantisation of a value, and whether the file has it in signed bytes.</summary>
    /// <param name="node">The node.</param>
    /// <param name="scaleIndex">The input that is the scale.</param>
    /// <param name="zeroIndex">The input that is the zero point.</param>
    /// <param name="isSigned">Whether bytes are signed where the zero point is absent, which is 0 then.</param>
    /// <exception cref="SubpException">SUBP0230: the scale is none. SUBP0404: several scales, or other types than bytes.</exception>
    public static (Quantization Quantization, bool IsSigned) Read(NodeContext node, int scaleIndex, int zeroIndex, bool isSigned)
    {
        var scale = node.Constant(scaleIndex, "scale");
        if (scale.Count != 1)
            throw node.Unsupported(
                FormattableString.Invariant($"{scale.Count} scales of a computed value"),
                "one scale for the whole value",
                "Quantise activations per tensor."
            );
        var zero = node.OptionalConstant(zeroIndex, "zero point");
        if (zero is not null && (zero.Count != 1 || zero.Type is not (DataType.Uint8 or DataType.Int8)))
            throw node.Unsupported(
                FormattableString.Invariant($"{zero.Count} zero points of type {zero.Type}"),
                "one zero point of type uint8 or int8"
            );
        if (zero is not null)
            isSigned = zero.Type == DataType.Int8;
        try
        {
            return (new Quantization(scale.ToFloats()[0], (int)(zero?.ToIntegers()[0] ?? 0) + (isSigned ? SignedOffset : 0)), isSigned);
        }
        catch (SubpException exception) when (exception.Diagnostic.Location.Length == 0)
        {
            throw new SubpException(exception.Diagnostic with { Location = node.Label }, exception);
        }
    }

    /// <summary>
    /// The scales of a constant whose integers are known: 0 is none, but where all that it scales is 0, as in channels that pruning left
    /// empty, every scale gives the same numbers.
    /// </summary>
    /// <param name="node">The node.</param>
    /// <param name="scales">The scales.</param>
    /// <param name="isEmpty">Whether all that a scale scales is 0.</param>
    /// <exception cref="SubpException">SUBP0230: one of them is not a finite number above 0.</exception>
    public static float[] Scales(NodeContext node, float[] scales, Func<int, bool> isEmpty)
    {
        float[] usable = [.. scales.Select((scale, index) => scale == 0 && isEmpty(index) ? 1 : scale)];
        RequireScales(node, usable);
        return usable;
    }

    /// <summary>
    /// Checks the scales of a constant. Unlike that of a value, one may be subnormal: a bias has the product of two scales, and what no
    /// integer layer can have is computed on floats.
    /// </summary>
    /// <exception cref="SubpException">SUBP0230: one of them is not a finite number above 0.</exception>
    public static void RequireScales(NodeContext node, float[] scales)
    {
        foreach (var scale in scales.Where(scale => !(scale > 0) || float.IsInfinity(scale)))
            throw new SubpException(
                DiagnosticDescriptors.InvalidQuantization,
                node.Label,
                FormattableString.Invariant($"the scale {scale:R}"),
                "a finite number above 0"
            );
    }
}
