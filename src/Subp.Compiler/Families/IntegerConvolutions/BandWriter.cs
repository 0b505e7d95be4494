using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.IntegerConvolutions;

/// <summary>
/// Writes the method that puts the input of a band together in scratch memory: the channels that a group of outputs reads, side by side,
/// with the byte for 0 around the image, widened to 16 bits where the kernel wants that.
/// </summary>
/// <param name="plan">The layer.</param>
/// <param name="set">The instruction set.</param>
/// <param name="isWide">True where bytes are widened.</param>
/// <param name="stem">The name of the methods.</param>
internal sealed class BandWriter(IntegerConvolutionPlan plan, InstructionSet set, bool isWide, string stem)
{
    // As many indices as registers hold beside what they choose; their places are in memory, which costs little.
    private const int HeldPermutations = 16;

    private const string RowCount = "count";

    private readonly string _type = isWide ? "short" : "byte";

    // Null where channels go one by one.
    private readonly ByteShuffles? _shuffles = ByteShuffles.Find(plan, set, isWide);

    /// <summary>The name of the method.</summary>
    public string Name => stem + (isWide ? "_WideBand" : "_Band");

    private int ElementBytes => isWide ? sizeof(short) : 1;

    private int PixelBytes => plan.PixelPitch * ElementBytes;

    /// <summary>Writes the method.</summary>
    public void Write(CSharpWriter writer)
    {
        var gathered = plan.IsGathered ? $", byte* indices, int* starts, int group" : "";
        using (
            KernelText.Method(
                writer,
                Invariant($"{plan.Node.Name}: puts the input of some rows of output together."),
                $"private static void {Name}(byte* source, byte* band, int first, int rows{gathered})"
            )
        )
        {
            var (geometry, columns) = (plan.Rows, plan.BandColumns);
            var (before, inside, behind) = plan.Columns.Parts(columns);
            var width = columns * PixelBytes;
            if (plan.IsGathered)
                WriteShared(writer);
            if (plan.IsGathered && plan.IsOneRowOfInput)
            {
                writer.Line($"int {RowCount} = rows * {plan.OutputShape.Width};");
                writer.Line($"byte* pixel = source + first * {plan.InputShape.Width * plan.Pitch.Input};");
                writer.Line($"{_type}* start = ({_type}*)band;");
                WriteGathered(writer, RowCount);
                return;
            }

            writer.Line($"int last = (rows - 1) * {geometry.Stride} + {geometry.Reach};");
            using (writer.Block($"for (int place = 0; place < last; place++, band += {width})"))
            {
                writer.Line($"int row = (first * {geometry.Stride} + place) * {geometry.Step} - {-geometry.First};");
                writer.Line($"{_type}* target = ({_type}*)band;");
                if (geometry.First < 0 || MayLeave())
                {
                    using (writer.Block($"if ((uint)row >= {plan.InputShape.Height})"))
                    {
                        Fill(writer, "target", columns * plan.PixelPitch);
                        writer.Line("continue;");
                    }

                    writer.Line();
                }

                if (before > 0)
                    Fill(writer, "target", before * plan.PixelPitch);
                if (inside > 0)
                    WriteInside(writer, before, inside);
                if (behind > 0)
                    Fill(writer, KernelText.Offset("target", (before + inside) * plan.PixelPitch), behind * plan.PixelPitch);
            }
        }

        writer.Line();
    }

    private string ChannelsPointer() =>
        $"(ushort*)Runtime::Unsafe.AsPointer(ref Interop::MemoryMarshal.GetReference({ChannelTable.Name(plan.MethodStem)}))";

    private bool MayLeave() => plan.Rows.Parts(plan.Rows.Positions(plan.OutputShape.Height)).Behind > 0;

    private void Fill(CSharpWriter writer, string target, int count) =>
        writer.Line($"new System::Span<{_type}>({target}, {count}).Fill({plan.InputZero});");

    private void WriteInside(CSharpWriter writer, int before, int inside)
    {
        var first = (plan.Columns.First + (before * plan.Columns.Step)) * plan.Pitch.Input;
        writer.Line(
            $"byte* pixel = source + row * {plan.InputShape.Width * plan.Pitch.Input}{(first > 0 ? Invariant($" + {first}") : "")};"
        );
        writer.Line($"{_type}* start = {KernelText.Offset("target", before * plan.PixelPitch)};");
        if (plan.Places.IsClosedUp)
        {
            WriteClosedUp(writer, inside);
            return;
        }

        if (!plan.IsGathered && plan.Columns.Step == 1 && plan.PixelChannels == plan.Pitch.Input)
        {
            WriteCopy(writer, inside * plan.PixelChannels);
            return;
        }

        var count = Invariant($"{inside}");
        if (plan.IsGathered)
        {
            WriteGathered(writer, count);
            return;
        }

        using (Columns(writer, count))
            WriteCopy(writer, plan.PixelChannels);
    }

    // Pixels of four bytes, of which some are channels, four at a time; what is written beyond them is written again or not read.
    private void WriteClosedUp(CSharpWriter writer, int count)
    {
        var channels = plan.Places.TapChannels;
        writer.Line(
            Invariant($"// Of the four bytes of a pixel the {(channels == 1 ? "first" : channels == 2 ? "first two" : "first three")}.")
        );
        if (isWide && set == InstructionSet.Portable)
        {
            using (writer.Block($"for (int column = 0; column < {count}; column++, pixel += {plan.Pitch.Input}, start += {channels})"))
            {
                for (var channel = 0; channel < channels; channel++)
                    writer.Line($"start[{channel}] = pixel[{channel}];");
            }

            return;
        }

        var order = Enumerable.Range(0, 16).Select(place => place < 4 * channels ? (place / channels * 4) + (place % channels) : 15);
        var chosen =
            "Simd::Vector128.Shuffle(*(Simd::Vector128<byte>*)pixel, Simd::Vector128.Create((byte)"
            + string.Join(", ", order.Select(byteOf => Invariant($"{byteOf}")))
            + "))";
        using (
            writer.Block($"for (int column = 0; column < {count}; column += 4, pixel += {4 * plan.Pitch.Input}, start += {4 * channels})")
        )
        {
            writer.Line($"Simd::Vector128<byte> chosen = {chosen};");
            writer.Line(
                isWide
                    ? "*(Simd::Vector256<short>*)start = X86::Avx2.ConvertToVector256Int16(chosen);"
                    : "*(Simd::Vector128<byte>*)start = chosen;"
            );
        }
    }

    private void WriteGathered(CSharpWriter writer, string count)
    {
        if (set != InstructionSet.Avx512)
        {
            WriteWithoutPermutations(writer, count);
            return;
        }

        using (writer.Block("if (X86::Avx512Vbmi.IsSupported)"))
        {
            writer.Line("// Of 64 channels at a time those that the group reads; the next ones are written behind them.");
            if (plan.HasSeveralPasses)
                WritePasses(writer, count);
            else if (plan.Places.Permutations <= HeldPermutations)
                WriteHeldPermutations(writer, 0, plan.Places.Permutations, count);
            else
                WritePermutations(writer, count);
        }

        using (writer.Block("else"))
            WriteWithoutPermutations(writer, count);
    }

    // Memory of the stack is taken once: in the loop over rows every row would take its own.
    private void WriteShared(CSharpWriter writer)
    {
        if (_shuffles is not null)
            _shuffles.WriteShared(writer);
        else
            writer.Line($"ushort* channels = {ChannelsPointer()} + group * {plan.PixelChannels};");
    }

    private void WriteWithoutPermutations(CSharpWriter writer, string count)
    {
        if (_shuffles is not null)
        {
            _shuffles.Write(writer, count);
            return;
        }

        using (Columns(writer, count))
            WriteChannels(writer);
    }

    private CSharpWriter.Scope Columns(CSharpWriter writer, string count, string from = "pixel", string to = "start") =>
        writer.Block(
            $"for (int column = 0; column < {count}; column++, {from} += {plan.Columns.Step * plan.Pitch.Input}, {to} += {plan.PixelPitch})"
        );

    // Vectors go beyond the end: what they write there is written again by what comes next, or is never read.
    private void WriteCopy(CSharpWriter writer, int count)
    {
        if (!isWide)
        {
            writer.Line($"System::Buffer.MemoryCopy(pixel, start, {count}, {count});");
            return;
        }

        var lanes = set switch
        {
            InstructionSet.Avx512 => 32,
            InstructionSet.Avx2 => 16,
            _ => 8,
        };
        if (count <= lanes)
        {
            writer.Line(Widen(lanes, "pixel", "start"));
            return;
        }

        writer.Line($"for (int i = 0; i < {count}; i += {lanes})");
        using (writer.Indented())
            writer.Line(Widen(lanes, "pixel + i", "start + i"));
    }

    private static string Widen(int lanes, string pixel, string place) =>
        lanes switch
        {
            32 => $"*(Simd::Vector512<short>*)({place}) = X86::Avx512BW.ConvertToVector512Int16(*(Simd::Vector256<byte>*)({pixel}));",
            16 => $"*(Simd::Vector256<short>*)({place}) = X86::Avx2.ConvertToVector256Int16({pixel});",
            _ => $"*(Simd::Vector128<short>*)({place}) = "
                + $"Simd::Vector128.AsInt16(Simd::Vector128.WidenLower(Simd::Vector128.AsByte(Simd::Vector128.CreateScalar(*(ulong*)({pixel})))));",
        };

    // Several passes over the pixels, each with the indices and places of a few permutations in registers.
    private void WritePasses(CSharpWriter writer, string count)
    {
        var permutations = plan.Places.Permutations;
        for (var first = 0; first < permutations; first += IntegerConvolutionPlan.PermutationsTogether)
        {
            using (writer.Block())
            {
                writer.Line("byte* from = pixel;");
                writer.Line($"{_type}* to = start;");
                var last = Math.Min(permutations, first + IntegerConvolutionPlan.PermutationsTogether);
                WriteHeldPermutations(writer, first, last, count, "from", "to");
            }
        }
    }

    // Indices stay in registers, and no store waits for the place of the one before.
    private void WriteHeldPermutations(CSharpWriter writer, int first, int last, string count, string from = "pixel", string to = "start")
    {
        for (var index = first; index < last; index++)
            writer.Line(
                Invariant($"Simd::Vector512<byte> index{index} = ")
                    + $"*(Simd::Vector512<byte>*)({KernelText.Offset("indices", index * IntegerLayerPlaces.PermutationBytes)});"
            );
        for (var index = Math.Max(1, first); index < last; index++)
            writer.Line(Invariant($"long at{index} = starts[{index}];"));
        using (Columns(writer, count, from, to))
        {
            for (var index = first; index < last; index++)
            {
                var permuted = Permuted(
                    KernelText.Offset(from, index * IntegerConvolutionPlan.GatheredChannels),
                    Invariant($"index{index}")
                );
                writer.Line(Invariant($"Simd::Vector512<byte> chosen{index} = {permuted};"));
                WriteChosen(writer, Invariant($"chosen{index}"), index == 0 ? to : Invariant($"{to} + at{index}"));
            }
        }
    }

    private void WritePermutations(CSharpWriter writer, string count)
    {
        using (Columns(writer, count))
        {
            using (writer.Block($"for (int i = 0; i < {plan.Places.Permutations}; i++)"))
            {
                writer.Line("Simd::Vector512<byte> index = *(Simd::Vector512<byte>*)(indices + i * 64);");
                writer.Line($"Simd::Vector512<byte> chosen = {Permuted("pixel + i * 64", "index")};");
                WriteChosen(writer, "chosen", "start + starts[i]");
            }
        }
    }

    /// <summary>Of the 64 bytes of an address those that an index chooses.</summary>
    public static string Permuted(string pixel, string index) =>
        $"X86::Avx512Vbmi.PermuteVar64x8(*(Simd::Vector512<byte>*)({pixel}), {index})";

    /// <summary>The statement that stores the first bytes of what was chosen, in as short a vector as holds them.</summary>
    public static string Stored(string chosen, int bytes, string target) =>
        bytes <= 16 ? $"*(Simd::Vector128<byte>*)({target}) = Simd::Vector256.GetLower(Simd::Vector512.GetLower({chosen}));"
        : bytes <= 32 ? $"*(Simd::Vector256<byte>*)({target}) = Simd::Vector512.GetLower({chosen});"
        : $"*(Simd::Vector512<byte>*)({target}) = {chosen};";

    private void WriteChosen(CSharpWriter writer, string chosen, string target)
    {
        var most = plan.MostChosen;
        if (!isWide)
        {
            writer.Line(Stored(chosen, most, target));
            return;
        }

        writer.Line(
            most <= 16
                ? $"*(Simd::Vector256<short>*)({target}) = "
                    + $"X86::Avx2.ConvertToVector256Int16(Simd::Vector256.GetLower(Simd::Vector512.GetLower({chosen})));"
                : $"*(Simd::Vector512<short>*)({target}) = X86::Avx512BW.ConvertToVector512Int16(Simd::Vector512.GetLower({chosen}));"
        );
        if (most > 32)
            writer.Line(
                $"*(Simd::Vector512<short>*)({target} + 32) = "
                    + $"X86::Avx512BW.ConvertToVector512Int16(Simd::Vector512.GetUpper({chosen}));"
            );
    }

    private void WriteChannels(CSharpWriter writer)
    {
        writer.Line($"for (int i = 0; i < {plan.PixelChannels}; i++)");
        using (writer.Indented())
            writer.Line("start[i] = pixel[channels[i]];");
    }
}
