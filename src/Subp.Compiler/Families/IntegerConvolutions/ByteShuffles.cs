using System.Globalization;
using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.IntegerConvolutions;

/// <summary>
/// Writes how the channels of a group are put together with shuffles of bytes, of two pixels at a time. A shuffle chooses from 16 bytes, so
/// that 16 channels of the group are the union of what lies in each 16 of the 64 channels that a permutation chooses from.
/// </summary>
/// <param name="plan">The layer.</param>
/// <param name="set">The instruction set.</param>
/// <param name="isWide">True where bytes are widened.</param>
internal sealed class ByteShuffles(IntegerConvolutionPlan plan, InstructionSet set, bool isWide)
{
    private const int Bytes = 16;
    private const int MaskBytes = 2 * Bytes;
    private const int MostMaskBytes = 16 * 1024;

    private readonly (int From, int To)[] _sources = SourcesOf(plan);

    private string Type => isWide ? "short" : "byte";

    private int BytesOfPermutation => _sources.Sum(range => range.To - range.From) * MaskBytes;

    private int AllMaskBytes => BytesOfPermutation * plan.Places.Permutations;

    /// <summary>
    /// The shuffles of a layer, or null where they are not used: masks have to stay in the first cache, and a store may go no further than
    /// into the next pixel.
    /// </summary>
    public static ByteShuffles? Find(IntegerConvolutionPlan plan, InstructionSet set, bool isWide)
    {
        if (set == InstructionSet.Portable || !plan.IsGathered || plan.MostChosen == 0)
            return null;
        var shuffles = new ByteShuffles(plan, set, isWide);
        return plan.PixelChannels >= shuffles._sources.Length * Bytes && shuffles.AllMaskBytes <= MostMaskBytes ? shuffles : null;
    }

    /// <summary>Writes what the rows of a band share: the masks of a group, and the memory of a pixel. Comes before any loop.</summary>
    public void WriteShared(CSharpWriter writer)
    {
        WriteMasks(writer);
        writer.Line($"{Type}* apart = stackalloc {Type}[{plan.PixelChannels + IntegerConvolutionPlan.GatheredChannels}];");
    }

    /// <summary>Writes the loop over the pixels of a row.</summary>
    /// <param name="writer">The writer.</param>
    /// <param name="count">The number of pixels.</param>
    public void Write(CSharpWriter writer, string count)
    {
        writer.Line(
            "// Two pixels at a time, half of all apart: stores go beyond the channels of a pixel, into the next one, which comes later."
        );
        writer.Line(
            int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var known)
                ? Invariant($"int half = {(known + 1) / 2};")
                : $"int half = ({count} + 1) / 2;"
        );
        var step = plan.Columns.Step * plan.Pitch.Input;
        using (writer.Block("for (int column = 0; column < half; column++)"))
        {
            writer.Line($"int second = System::Math.Min(column + half, {count} - 1);");
            writer.Line($"byte* near = pixel + column * {step};");
            writer.Line($"byte* far = pixel + second * {step};");
            writer.Line($"{Type}* nearTo = column == half - 1 ? apart : start + column * {plan.PixelPitch};");
            writer.Line($"{Type}* farTo = start + second * {plan.PixelPitch};");
            writer.Line("byte* mask = masks;");
            using (
                writer.Block(
                    $"for (int i = 0; i < {plan.Places.Permutations}; i++, near += {IntegerConvolutionPlan.GatheredChannels}, "
                        + $"far += {IntegerConvolutionPlan.GatheredChannels}, mask += {BytesOfPermutation})"
                )
            )
                WritePermutation(writer);
        }

        writer.Line();
        writer.Line("// Behind the last pixel of the first half lies one that is there already.");
        var size = Invariant($"{plan.PixelChannels * (isWide ? sizeof(short) : 1)}");
        writer.Line($"System::Buffer.MemoryCopy(apart, start + (half - 1) * {plan.PixelPitch}, {size}, {size});");
    }

    private void WriteMasks(CSharpWriter writer)
    {
        writer.Line("// For 16 channels of the group and 16 of the input the places of a shuffle, once for each of two pixels. What lies");
        writer.Line("// elsewhere has its highest bit set and becomes 0.");
        if (set != InstructionSet.Avx512)
        {
            writer.Line($"byte* masks = stackalloc byte[{AllMaskBytes}];");
            WritePlaces(writer);
        }
        else
        {
            // Permutations of 64 bytes need none.
            writer.Line($"byte* masks = stackalloc byte[X86::Avx512Vbmi.IsSupported ? 0 : {AllMaskBytes}];");
            using (writer.Block("if (!X86::Avx512Vbmi.IsSupported)"))
                WritePlaces(writer);
        }

        writer.Line();
        using (writer.Block("static Simd::Vector256<sbyte> Within(Simd::Vector128<sbyte> order, sbyte first)"))
        {
            writer.Line("Simd::Vector128<sbyte> before = order - Simd::Vector128.Create(first);");
            writer.Line("Simd::Vector128<sbyte> behind = Simd::Vector128.GreaterThan(before, Simd::Vector128.Create((sbyte)15));");
            writer.Line("return Simd::Vector256.Create(before | behind, before | behind);");
        }

        writer.Line();
    }

    private void WritePlaces(CSharpWriter writer)
    {
        writer.Line("byte* places = masks;");
        using (writer.Block($"for (int i = 0; i < {plan.Places.Permutations}; i++, places += {BytesOfPermutation})"))
        {
            var offset = 0;
            foreach (var (chunk, (from, to)) in _sources.Select((range, chunk) => (chunk, range)))
            {
                writer.Line(
                    Invariant($"Simd::Vector128<sbyte> order{chunk} = *(Simd::Vector128<sbyte>*)(indices + i * ")
                        + Invariant($"{IntegerLayerPlaces.PermutationBytes}{(chunk == 0 ? "" : Invariant($" + {chunk * Bytes}"))});")
                );
                for (var source = from; source < to; source++, offset += MaskBytes)
                {
                    var place = KernelText.Offset("places", offset);
                    writer.Line(Invariant($"*(Simd::Vector256<sbyte>*)({place}) = Within(order{chunk}, {source * Bytes});"));
                }
            }
        }
    }

    private void WritePermutation(CSharpWriter writer)
    {
        var (first, last) = (_sources.Min(range => range.From), _sources.Max(range => range.To));
        for (var source = first; source < last; source++)
            writer.Line(
                Invariant($"Simd::Vector256<byte> source{source} = Simd::Vector256.Create(")
                    + $"*(Simd::Vector128<byte>*)({KernelText.Offset("near", source * Bytes)}), "
                    + $"*(Simd::Vector128<byte>*)({KernelText.Offset("far", source * Bytes)}));"
            );
        var offset = 0;
        for (var chunk = 0; chunk < _sources.Length; chunk++)
        {
            writer.Line($"Simd::Vector256<byte> chosen{chunk} =");
            using (writer.Indented())
            {
                for (var source = _sources[chunk].From; source < _sources[chunk].To; source++, offset += MaskBytes)
                    writer.Line(
                        $"{(source == _sources[chunk].From ? "" : "| ")}X86::Avx2.Shuffle(source{source}, "
                            + $"*(Simd::Vector256<byte>*)({KernelText.Offset("mask", offset)}))"
                            + (source == _sources[chunk].To - 1 ? ";" : "")
                    );
            }
        }

        writer.Line("int at = starts[i];");
        for (var chunk = 0; chunk < _sources.Length; chunk++)
        {
            WriteStore(writer, KernelText.Offset("nearTo + at", chunk * Bytes), Invariant($"Simd::Vector256.GetLower(chosen{chunk})"));
            WriteStore(writer, KernelText.Offset("farTo + at", chunk * Bytes), Invariant($"Simd::Vector256.GetUpper(chosen{chunk})"));
        }
    }

    private void WriteStore(CSharpWriter writer, string place, string chosen) =>
        writer.Line(
            isWide
                ? $"*(Simd::Vector256<short>*)({place}) = X86::Avx2.ConvertToVector256Int16({chosen});"
                : $"*(Simd::Vector128<byte>*)({place}) = {chosen};"
        );

    // Of each 16 channels that permutations choose, which sixteens of the 64 any of them comes from.
    private static (int From, int To)[] SourcesOf(IntegerConvolutionPlan plan)
    {
        var sources = Enumerable.Repeat((From: int.MaxValue, To: 0), (plan.MostChosen + Bytes - 1) / Bytes).ToArray();
        for (var group = 0; group < plan.Pattern.Groups; group++)
        {
            foreach (var chosen in plan.Pattern.Kept(group).GroupBy(channel => channel / IntegerConvolutionPlan.GatheredChannels))
            {
                foreach (var (rank, channel) in chosen.Select((channel, rank) => (rank, channel)))
                {
                    var source = channel % IntegerConvolutionPlan.GatheredChannels / Bytes;
                    var (from, to) = sources[rank / Bytes];
                    sources[rank / Bytes] = (Math.Min(from, source), Math.Max(to, source + 1));
                }
            }
        }

        return sources;
    }
}
