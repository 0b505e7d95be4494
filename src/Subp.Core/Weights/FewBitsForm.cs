using System.Buffers.Binary;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Storage;

namespace Subp.Core.Weights;

/// <summary>A weight of few bits as it lies in the canonical file: packed integers and, of floats, the scales of its filters.</summary>
/// <param name="Packed">The integers.</param>
/// <param name="Scales">Single-precision numbers, little-endian; empty for a weight of bytes.</param>
internal sealed record FewBitsForm(byte[] Packed, byte[] Scales)
{
    /// <summary>Writes a weight.</summary>
    /// <param name="parameter">The declaration, with its bits.</param>
    /// <param name="weight">The values.</param>
    /// <exception cref="SubpException">SUBP0538: its bits do not give it back. SUBP0306: a pruned value is not zero.</exception>
    public static FewBitsForm Of(Parameter parameter, WeightTensor weight)
    {
        var grid = GridValues.Find(parameter, weight);
        if (grid is null || grid.Bits > parameter.Bits)
            throw new SubpException(
                DiagnosticDescriptors.WeightBreaksBits,
                $"tensor '{parameter.Name}'",
                grid is null ? "values that are not few steps of one size in every filter" : $"values of {grid.Bits} bits",
                $"values of {parameter.Bits} bits, as the parameter declares",
                "Pack the network again, which finds the bits of all weights."
            );
        var scales = new byte[(grid.Scales?.Length ?? 0) * sizeof(float)];
        for (var output = 0; output < grid.Scales?.Length; output++)
            BinaryPrimitives.WriteSingleLittleEndian(scales.AsSpan(output * sizeof(float)), grid.Scales[output]);
        return new FewBitsForm(PackedIntegers.Pack(grid.Integers, parameter.Bits!.Value), scales);
    }

    /// <summary>Reads a weight.</summary>
    /// <param name="parameter">The declaration, with its bits.</param>
    /// <param name="packed">The integers.</param>
    /// <param name="scales">The scales; empty for a weight of bytes.</param>
    /// <param name="place">Where they come from, for messages.</param>
    /// <exception cref="SubpException">SUBP0538: an integer is the one without a negative. SUBP0305: a scale is no finite number above
    /// 0.</exception>
    public static WeightTensor Read(Parameter parameter, ReadOnlySpan<byte> packed, ReadOnlySpan<byte> scales, string place)
    {
        var bits = parameter.Bits!.Value;
        var integers = PackedIntegers.Unpack(packed, StoredTensor.CountOf(parameter), bits);
        var alone = Array.IndexOf(integers, (sbyte)(-StoredBits.Largest(bits) - 1));
        if (alone >= 0)
            throw new SubpException(
                DiagnosticDescriptors.WeightBreaksBits,
                $"{place}, tensor '{parameter.Name}'",
                FormattableString.Invariant($"{integers[alone]} at value {alone}"),
                FormattableString.Invariant($"integers from {-StoredBits.Largest(bits)} to {StoredBits.Largest(bits)}")
            );
        if (parameter.Element == ElementType.Int8)
            return WeightTensor.FromStoredOrder(parameter, integers);
        var steps = new float[parameter.Shape[0]];
        for (var output = 0; output < steps.Length; output++)
        {
            steps[output] = BinaryPrimitives.ReadSingleLittleEndian(scales[(output * sizeof(float))..]);
            if (!float.IsNormal(steps[output]) || steps[output] < 0)
                throw new SubpException(
                    DiagnosticDescriptors.WeightNotFinite,
                    $"{place}, tensor '{parameter.Name}'",
                    FormattableString.Invariant($"the scale {steps[output]} of output channel {output}"),
                    "a normal number above 0"
                );
        }

        return WeightTensor.FromStoredOrder(parameter, new GridValues(bits, integers, steps).ToFloats(parameter));
    }
}
