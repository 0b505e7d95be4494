using Subp.Core.Graphs;

namespace Subp.Compiler.Emission.Runtime;

/// <summary>The emitted methods that unpack weights of few bits when they are loaded. They have one text for all instruction sets.</summary>
internal static class UnpackingMethods
{
    /// <summary>Writes those that some weights need.</summary>
    public static void Write(CSharpWriter writer, IReadOnlyCollection<ElementType> elements)
    {
        if (elements.Count == 0)
            return;
        if (elements.Contains(ElementType.Float32))
            writer.Line(Floats);
        if (elements.Contains(ElementType.Int8))
            writer.Line(Bytes);
        writer.Line(Integers);
    }

    private const string Floats = """
        // A weight as the integers of its values, `bits` each and one behind the other, and a scale for each output channel. It is stored as
        // [group][row][lane], where lanes are output channels side by side and rows all else; `rows` has one number for each group, or one
        // for all. A value is its integer times the scale, rounded once.
        [Runtime::MethodImpl(KernelCode)]
        private static void UnpackFloats(byte* source, float* scales, float* target, int bits, int[] rows, int groups, int lanes)
        {
            long count = 0;
            for (int group = 0; group < groups; group++)
                count += (long)(rows.Length == 1 ? rows[0] : rows[group]) * lanes;
            byte* end = source + (count * bits + 7) / 8;
            Simd::Vector256<int> up = ToSign(bits);
            long index = 0;
            for (byte* eight = source; index + 8 <= count && eight + 8 <= end; index += 8, eight += bits)
                Simd::Vector256.Store(Simd::Vector256.ConvertToSingle(EightIntegers(eight, up, bits)), target + index);
            for (; index < count; index++)
                target[index] = IntegerAt(source, index, bits);
            for (int group = 0; group < groups; group++, scales += lanes)
            {
                int groupRows = rows.Length == 1 ? rows[0] : rows[group];
                if (lanes == 1)
                {
                    ScaleRow(target, *scales, groupRows);
                    target += groupRows;
                    continue;
                }

                for (int row = 0; row < groupRows; row++, target += lanes)
                {
                    int lane = 0;
                    for (; lane + 4 <= lanes; lane += 4)
                        Simd::Vector128.Store(Simd::Vector128.Load(target + lane) * Simd::Vector128.Load(scales + lane), target + lane);
                    for (; lane < lanes; lane++)
                        target[lane] *= scales[lane];
                }
            }
        }

        [Runtime::MethodImpl(KernelCode)]
        private static void ScaleRow(float* row, float scale, int length)
        {
            int index = 0;
            for (; index + 8 <= length; index += 8)
                Simd::Vector256.Store(Simd::Vector256.Load(row + index) * Simd::Vector256.Create(scale), row + index);
            for (; index < length; index++)
                row[index] *= scale;
        }

        """;

    private const string Bytes = """
        // A weight of signed bytes from its values of `bits` each, one behind the other.
        [Runtime::MethodImpl(KernelCode)]
        private static void UnpackBytes(byte* source, sbyte* target, long count, int bits)
        {
            byte* end = source + (count * bits + 7) / 8;
            Simd::Vector256<int> up = ToSign(bits);
            long index = 0;
            for (byte* eight = source; index + 16 <= count && eight + bits + 8 <= end; index += 16, eight += 2 * bits)
            {
                Simd::Vector256<short> words = Simd::Vector256.Narrow(
                    EightIntegers(eight, up, bits), EightIntegers(eight + bits, up, bits));
                Simd::Vector128.Store(
                    Simd::Vector128.Narrow(Simd::Vector256.GetLower(words), Simd::Vector256.GetUpper(words)), target + index);
            }

            for (; index < count; index++)
                target[index] = (sbyte)IntegerAt(source, index, bits);
        }

        """;

    private const string Integers = """
        // Eight integers are as many bytes as each has bits; eight bytes are read. Multiplied by a power of two each stands at the top of
        // its word, and the shift back down repeats its sign. Of eight bytes the lower four are meant, whatever stands above them.
        [Runtime::MethodImpl(Runtime::MethodImplOptions.AggressiveInlining)]
        private static Simd::Vector256<int> EightIntegers(byte* source, Simd::Vector256<int> up, int bits)
        {
            ulong eight = *(ulong*)source;
            Simd::Vector256<int> words = Simd::Vector256.Create(
                Simd::Vector128.Create(unchecked((int)eight)), Simd::Vector128.Create(unchecked((int)(eight >> (4 * bits)))));
            return Simd::Vector256.ShiftRightArithmetic(words * up, 32 - bits);
        }

        private static Simd::Vector256<int> ToSign(int bits)
        {
            Simd::Vector128<int> up = Simd::Vector128.Create(
                1 << (32 - bits), 1 << (32 - 2 * bits), 1 << (32 - 3 * bits), 1 << (32 - 4 * bits));
            return Simd::Vector256.Create(up, up);
        }

        // The same for one integer, which lies in one byte or two.
        private static int IntegerAt(byte* source, long index, int bits)
        {
            byte* first = source + index * bits / 8;
            int offset = (int)(index * bits % 8);
            int both = first[0] | (offset + bits > 8 ? first[1] << 8 : 0);
            return both << (32 - bits - offset) >> (32 - bits);
        }

        """;
}
