using Subp.Core.Graphs;

namespace Subp.Core.Weights;

/// <summary>
/// A weight as integers of few bits: of floats every filter has its own scale, and integer times scale, rounded once to single precision,
/// is each value to the bit; of bytes the values are the integers.
/// </summary>
/// <param name="Bits">How many bits the largest integer needs, 2 to 8; 2 are ternary.</param>
/// <param name="Integers">In the order in which the values are stored.</param>
/// <param name="Scales">One for each output channel, above 0; null for a weight of bytes.</param>
public sealed record GridValues(int Bits, sbyte[] Integers, float[]? Scales)
{
    // How many steps of single precision the quotient of two rounded numbers can be off.
    private static readonly int[] s_neighbours = [0, 1, -1, 2, -2];

    /// <summary>The fewest bits that give a weight back to the bit; null where those that can be stored do not.</summary>
    /// <param name="parameter">The declaration; where it has a pattern, only kept blocks count.</param>
    /// <param name="weight">The values.</param>
    public static GridValues? Find(Parameter parameter, WeightTensor weight) =>
        weight.Element switch
        {
            ElementType.Float32 when weight.Shape.Rank >= 2 => OfFloats(parameter, weight.InStoredOrder(parameter, weight.Values)),
            ElementType.Int8 when weight.Shape.Rank >= 2 => OfBytes(weight.InStoredOrder(parameter, weight.SignedBytes)),
            _ => null,
        };

    /// <summary>The values that integers and scales stand for, in stored order.</summary>
    public float[] ToFloats(Parameter parameter)
    {
        var values = new float[Integers.Length];
        foreach (var filter in Filters.Of(parameter))
        {
            for (var place = 0; place < filter.Count; place++)
                values[filter.At(place)] = Integers[filter.At(place)] * Scales![filter.Output];
        }

        return values;
    }

    private static GridValues? OfBytes(sbyte[] values)
    {
        var largest = 0;
        foreach (var value in values)
            largest = Math.Max(largest, Math.Abs((int)value));
        var bits = BitsOf(largest);
        return bits <= StoredBits.Most(ElementType.Int8) ? new GridValues(bits, values, null) : null;
    }

    private static GridValues? OfFloats(Parameter parameter, float[] values)
    {
        var most = StoredBits.Largest(StoredBits.Most(ElementType.Float32));
        var integers = new sbyte[values.Length];
        var scales = new float[parameter.Shape[0]];
        // A group that keeps nothing has no values to ask for a scale.
        Array.Fill(scales, 1f);
        var largest = 0;
        foreach (var filter in Filters.Of(parameter))
        {
            if (Largest(values, filter, integers, most, out scales[filter.Output]) is not { } found)
                return null;
            largest = Math.Max(largest, found);
        }

        return new GridValues(BitsOf(largest), integers, scales);
    }

    // The integer of the largest value of one filter, as small as possible.
    private static int? Largest(float[] values, Filters.Filter filter, sbyte[] integers, int most, out float scale)
    {
        scale = 1;
        float reach = 0;
        for (var place = 0; place < filter.Count; place++)
        {
            var value = values[filter.At(place)];
            // The product of an integer 0 has no sign.
            if (BitConverter.SingleToInt32Bits(value) == int.MinValue || !float.IsFinite(value))
                return null;
            reach = Math.Max(reach, Math.Abs(value));
        }

        if (reach == 0)
            return 0;
        for (var largest = 1; largest <= most; largest++)
        {
            var near = BitConverter.SingleToInt32Bits(reach / largest);
            foreach (var step in s_neighbours)
            {
                scale = BitConverter.Int32BitsToSingle(near + step);
                // Below the normal numbers a product of an integer no longer has all digits.
                if (float.IsNormal(scale) && Fits(values, filter, scale, largest, integers))
                    return largest;
            }
        }

        return null;
    }

    private static bool Fits(float[] values, Filters.Filter filter, float scale, int largest, sbyte[] integers)
    {
        for (var place = 0; place < filter.Count; place++)
        {
            var value = values[filter.At(place)];
            var integer = (int)MathF.Round(value / scale);
            if (Math.Abs(integer) > largest || integer * scale != value)
                return false;
            integers[filter.At(place)] = (sbyte)integer;
        }

        return true;
    }

    private static int BitsOf(int largest)
    {
        var bits = StoredBits.Fewest;
        while (StoredBits.Largest(bits) < largest)
            bits++;
        return bits;
    }
}
