using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.IntegerConvolutions;

/// <summary>
/// Puts the channels that a group reads together while the pixels before are multiplied: a tile has two places in scratch memory, one that
/// is read and one that the pixels of the next tile go to. Permutations, loads and stores wait for nothing, and the units of products are
/// busy with sums that wait for one another, so that what takes a tenth of a 1x1 layer on its own takes next to nothing beside them.
/// </summary>
internal sealed class TileGathering
{
    // Where so many quads are multiplied after a permutation, its pixels are spread over them; behind them come quads alone, in a loop.
    private const int SpreadQuads = 4;

    // With fewer tiles there is little to be done ahead of.
    private const int LeastTiles = 3;

    // What the last pixel of a place is written beyond its end, and so that places are whole lines of the cache.
    private const int Line = 64;

    private readonly IntegerConvolutionPlan _plan;

    private TileGathering(IntegerConvolutionPlan plan, int pixels)
    {
        _plan = plan;
        Pixels = pixels;
    }

    /// <summary>The parameters of a tile: the first of the next pixels, how channels are chosen, and the place that they go to.</summary>
    public static string Parameters => "byte* next, byte* indices, int* starts, byte* ahead, ";

    /// <summary>The parameters of a band beside these of all layers: the first pixel, and how channels are chosen.</summary>
    public static string BandParameters => "byte* source, byte* indices, int* starts, ";

    /// <summary>Pixels of a place: those of the longest tile.</summary>
    public int Pixels { get; }

    /// <summary>
    /// Bytes from one pixel to the next. One permutation is taken of all pixels before the next one, so that what it writes beyond its
    /// channels must not reach the pixel behind.
    /// </summary>
    public int PixelPitch => _plan.PixelChannels + StoredBytes;

    /// <summary>Bytes of both places.</summary>
    public int ScratchBytes => 2 * PlaceBytes;

    private int PlaceBytes => ((Pixels * PixelPitch) + Line - 1) / Line * Line;

    private int Permutations => _plan.Places.Permutations;

    private int QuadsOfPermutation => _plan.Steps / Permutations;

    private int StoredBytes =>
        _plan.MostChosen <= 16 ? 16
        : _plan.MostChosen <= 32 ? 32
        : 64;

    /// <summary>
    /// The places of a layer, or null where it has none: of one tap, with channels that are chosen from pixels side by side, at least a
    /// quad of them for each permutation, and enough tiles in a band.
    /// </summary>
    /// <param name="plan">The layer.</param>
    public static TileGathering? Of(IntegerConvolutionPlan plan)
    {
        if (!plan.IsGathered || !plan.IsOneRowOfInput || plan.Steps < plan.Places.Permutations)
            return null;
        var most = new QuadVectors(InstructionSet.Avx512, ProductMode.MixedDot).MostPixels(plan);
        var pixels = TilePixels.OfJoinedRows(plan, most).Pixels;
        return plan.BandRows * plan.OutputShape.Width >= LeastTiles * pixels ? new TileGathering(plan, pixels) : null;
    }

    /// <summary>Writes the places of a band, <c>now</c> and <c>ahead</c>, and puts the first tile together.</summary>
    public void WriteFirst(CSharpWriter writer)
    {
        writer.Line("// While a tile is multiplied, the channels of the next one are put together in the other of two places.");
        writer.Line("byte* now = band;");
        writer.Line($"byte* ahead = band + {PlaceBytes};");
        writer.Line("int held = 0;");
        using (writer.Block($"for (int i = 0; i < {Permutations}; i++)"))
        {
            writer.Line($"Simd::Vector512<byte> index = *(Simd::Vector512<byte>*)(indices + i * {IntegerLayerPlaces.PermutationBytes});");
            using (writer.Block($"for (int pixel = 0; pixel < {Pixels}; pixel++)"))
                WriteChosen(
                    writer,
                    "chosen",
                    $"source + pixel * {_plan.Pitch.Input} + i * {IntegerConvolutionPlan.GatheredChannels}",
                    $"now + pixel * {PixelPitch} + starts[i]"
                );
        }
    }

    /// <summary>Writes what comes before a tile: which pixels are put together beside it. They are all within the band.</summary>
    public void WriteNext(CSharpWriter writer, string place, int pixels) =>
        writer.Line($"int next = System::Math.Min({place} + {pixels}, count - {Pixels});");

    /// <summary>The first arguments of a tile that puts the next one together.</summary>
    public string Arguments => $"source + next * {_plan.Pitch.Input}, indices, starts, ahead, ";

    /// <summary>Where a tile that begins at a place reads.</summary>
    public string Source(string place) => Invariant($"now + ({place} - held) * {PixelPitch}");

    /// <summary>Writes what comes behind a tile.</summary>
    public void WriteSwap(CSharpWriter writer)
    {
        writer.Line("held = next;");
        writer.Line("byte* read = now;");
        writer.Line("now = ahead;");
        writer.Line("ahead = read;");
    }

    /// <summary>Writes all products of a tile, with the permutations of the next one between them.</summary>
    /// <param name="writer">The file.</param>
    /// <param name="quadBytes">Bytes from one quad of the weights to the next.</param>
    /// <param name="products">Writes the products of a quad that is so many behind <c>pixels</c> and <c>weights</c>.</param>
    public void WriteProducts(CSharpWriter writer, int quadBytes, Action<CSharpWriter, int> products)
    {
        var spread = Math.Min(QuadsOfPermutation, SpreadQuads);
        using (writer.Block($"for (int i = 0; i < {Permutations}; i++)"))
        {
            writer.Line($"Simd::Vector512<byte> index = *(Simd::Vector512<byte>*)(indices + i * {IntegerLayerPlaces.PermutationBytes});");
            writer.Line("byte* place = ahead + starts[i];");
            for (var (quad, pixel) = (0, 0); quad < spread; quad++)
            {
                using (writer.Block())
                    products(writer, quad);
                var end = Pixels * (quad + 1) / spread;
                if (pixel < end)
                    writer.Line(Invariant($"// Of the next tile the {KernelText.Count(end - pixel, "pixel")} from {pixel} on."));
                for (; pixel < end; pixel++)
                    WriteChosen(
                        writer,
                        Invariant($"chosen{pixel}"),
                        KernelText.Offset("next", pixel * _plan.Pitch.Input),
                        KernelText.Offset("place", pixel * PixelPitch)
                    );
            }

            writer.Line($"next += {IntegerConvolutionPlan.GatheredChannels};");
            WriteAdvance(writer, spread, quadBytes);
            WriteLoop(writer, QuadsOfPermutation - spread, quadBytes, products);
        }

        WriteLoop(writer, _plan.Steps - (QuadsOfPermutation * Permutations), quadBytes, products);
    }

    private static void WriteLoop(CSharpWriter writer, int quads, int quadBytes, Action<CSharpWriter, int> products)
    {
        if (quads == 0)
            return;
        using (writer.Block($"for (int quad = 0; quad < {quads}; quad++)"))
        {
            products(writer, 0);
            WriteAdvance(writer, 1, quadBytes);
        }
    }

    private static void WriteAdvance(CSharpWriter writer, int quads, int quadBytes)
    {
        writer.Line($"pixels += {4 * quads};");
        writer.Line($"weights += {quads * quadBytes};");
    }

    private void WriteChosen(CSharpWriter writer, string name, string pixel, string place)
    {
        writer.Line($"Simd::Vector512<byte> {name} = {BandWriter.Permuted(pixel, "index")};");
        writer.Line(BandWriter.Stored(name, StoredBytes, place));
    }
}
