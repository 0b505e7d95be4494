using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Planning;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.StripeCopies;

/// <summary>
/// Writes the two methods that turn sixteen pixels of sixteen channels, which all copies between blocks and stripes share. Pixels of a
/// block lie wherever a table says; those of a stripe lie side by side.
/// </summary>
internal static class TranspositionFile
{
    private const int Side = 16;

    /// <summary>The names of the methods.</summary>
    public const string ToStripe = "TransposeToStripe",
        ToBlock = "TransposeToBlock";

    /// <summary>The file of an instruction set, or null where nothing is copied so.</summary>
    public static KernelFile? Write(ModelPlan model, InstructionSet set)
    {
        var copies = model.Layers.OfType<StripeCopyPlan>().ToArray();
        return copies.Length == 0
            ? null
            : KernelFile.Write(
                model,
                "Transpositions",
                set,
                _ => { },
                writer =>
                {
                    foreach (var toStripe in copies.Select(copy => copy.ToStripes).Distinct().OrderByDescending(toStripe => toStripe))
                        WriteMethod(writer, set, toStripe);
                }
            );
    }

    private static void WriteMethod(CSharpWriter writer, InstructionSet set, bool toStripe)
    {
        var summary = toStripe
            ? "Sixteen pixels of a block of sixteen channels to sixteen channels of a stripe."
            : "Sixteen channels of a stripe to sixteen pixels of a block; the first pixels are written last.";
        using (
            KernelText.Method(
                writer,
                summary,
                $"private static void {(toStripe ? ToStripe : ToBlock)}(float* block, int* pixels, float* stripe)"
            )
        )
        {
            switch (set)
            {
                case InstructionSet.Avx512:
                    WriteAvx512(writer, toStripe);
                    break;
                case InstructionSet.Avx2:
                    WriteAvx2(writer, toStripe);
                    break;
                default:
                    WritePortable(writer, toStripe);
                    break;
            }
        }

        writer.Line();
    }

    // Four times each vector is interleaved with the one eight further on: after the first time neighbours of a lane come from vectors
    // eight apart, after the fourth from all sixteen in their order.
    private static void WriteAvx512(CSharpWriter writer, bool toStripe)
    {
        var vectors = VectorDialect.Longest(InstructionSet.Avx512);
        writer.Line("// Four times each vector is interleaved with the one that is eight further on, which turns the square.");
        writer.Line("Simd::Vector512<int> lower = Simd::Vector512.Create(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);");
        writer.Line("Simd::Vector512<int> upper = Simd::Vector512.Create(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);");
        for (var row = 0; row < Side; row++)
            writer.Line(Invariant($"{vectors.Type} a{row} = {vectors.Load(Source(row, toStripe))};"));
        string[] names = ["a", "b", "c", "d", "e"];
        for (var pass = 1; pass < names.Length; pass++)
        {
            var (from, to) = (names[pass - 1], names[pass]);
            for (var pair = 0; pair < Side / 2; pair++)
            {
                foreach (var (half, offset) in new[] { ("lower", 0), ("upper", 1) })
                    writer.Line(
                        Invariant($"{vectors.Type} {to}{(2 * pair) + offset} = ")
                            + Invariant($"X86::Avx512F.PermuteVar16x32x2({from}{pair}, {half}, {from}{pair + (Side / 2)});")
                    );
            }
        }

        foreach (var row in Stored(Side, toStripe))
            writer.Line(vectors.Store(Target(row, toStripe), Invariant($"e{row}")));
    }

    private static void WriteAvx2(CSharpWriter writer, bool toStripe)
    {
        const int side = 4;
        var vectors = VectorDialect.Of(InstructionSet.Avx2, side);
        writer.Line("// Squares of four pixels and four channels, which the shuffles of 128 bits turn.");
        using (writer.Block("for (int pixel = 12; pixel >= 0; pixel -= 4)"))
        {
            using (writer.Block("for (int channel = 0; channel < 16; channel += 4)"))
            {
                string Block(int row) => Invariant($"block + pixels[pixel + {row}] + channel");
                string Stripe(int row) => Invariant($"stripe + (channel + {row}) * 16 + pixel");
                for (var row = 0; row < side; row++)
                    writer.Line(Invariant($"{vectors.Type} row{row} = {vectors.Load(toStripe ? Block(row) : Stripe(row))};"));
                writer.Line($"{vectors.Type} even01 = X86::Sse.UnpackLow(row0, row1);");
                writer.Line($"{vectors.Type} odd01 = X86::Sse.UnpackHigh(row0, row1);");
                writer.Line($"{vectors.Type} even23 = X86::Sse.UnpackLow(row2, row3);");
                writer.Line($"{vectors.Type} odd23 = X86::Sse.UnpackHigh(row2, row3);");
                string[] turned =
                [
                    "X86::Sse.MoveLowToHigh(even01, even23)",
                    "X86::Sse.MoveHighToLow(even23, even01)",
                    "X86::Sse.MoveLowToHigh(odd01, odd23)",
                    "X86::Sse.MoveHighToLow(odd23, odd01)",
                ];
                foreach (var row in Stored(side, toStripe))
                    writer.Line(vectors.Store(toStripe ? Stripe(row) : Block(row), turned[row]));
            }
        }
    }

    private static void WritePortable(CSharpWriter writer, bool toStripe)
    {
        using (writer.Block("for (int pixel = 15; pixel >= 0; pixel--)"))
        {
            writer.Line("float* channels = block + pixels[pixel];");
            using (writer.Block("for (int channel = 0; channel < 16; channel++)"))
                writer.Line(
                    toStripe ? "stripe[channel * 16 + pixel] = channels[channel];" : "channels[channel] = stripe[channel * 16 + pixel];"
                );
        }
    }

    // Pixels behind the end of an image share the place of its last one, which is to be stored after them.
    private static IEnumerable<int> Stored(int count, bool toStripe) =>
        toStripe ? Enumerable.Range(0, count) : Enumerable.Range(0, count).Reverse();

    private static string Source(int row, bool toStripe) => toStripe ? Pixel(row) : Channel(row);

    private static string Target(int row, bool toStripe) => toStripe ? Channel(row) : Pixel(row);

    private static string Pixel(int row) => Invariant($"block + pixels[{row}]");

    private static string Channel(int row) => KernelText.Offset("stripe", row * Side);
}
