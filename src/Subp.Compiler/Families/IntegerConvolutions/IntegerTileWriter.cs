using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.IntegerConvolutions;

/// <summary>
/// Writes the method that computes a few neighbouring pixels of sixteen or thirty-two outputs: 32-bit sums stay in registers from the bias
/// to the byte. A quad of a pixel goes to all lanes, and meets a quad of weights per output.
/// </summary>
/// <param name="plan">The layer.</param>
/// <param name="set">The instruction set.</param>
/// <param name="quads">How products are computed.</param>
/// <param name="stem">The name of the methods.</param>
internal sealed class IntegerTileWriter(IntegerConvolutionPlan plan, InstructionSet set, QuadVectors quads, string stem)
{
    /// <summary>How the channels of the next tile are put together beside products; null where a band has them together already.</summary>
    public TileGathering? Gathering { get; } = quads.Mode == ProductMode.MixedDot ? TileGathering.Of(plan) : null;

    /// <summary>The vectors of sixteen outputs of one call.</summary>
    public int Vectors { get; } = quads.VectorsTogether(plan);

    /// <summary>Bytes of a pixel in scratch memory.</summary>
    public int PixelBytes => Gathering?.PixelPitch ?? plan.PixelPitch * quads.QuadBytes / 4;

    private string Parameters =>
        "byte* pixels, sbyte* weights, int* sums, byte* target" + (plan.Residual is null ? "" : ", byte* residual");

    /// <summary>The name of the method for so many pixels, of which some are in the first of two rows, or all in one where that is 0.</summary>
    public string Name(int pixels, int ofFirstRow, int vector) =>
        Invariant($"{stem}_{quads.Mode}{pixels}x{Vectors}")
        + (ofFirstRow == 0 ? "" : Invariant($"from{ofFirstRow}"))
        + (Gathers(vector) ? "ahead" : "")
        + (plan.StoredBytes(vector + Vectors - 1) is var stored and < IntegerConvolutionPlan.Lanes ? Invariant($"of{stored}") : "");

    /// <summary>True where the tiles of a vector of outputs put the next pixels together: those of the first, for all.</summary>
    public bool Gathers(int vector) => Gathering is not null && vector == 0;

    /// <summary>Writes the method for so many pixels of a vector of outputs and those that are computed with it.</summary>
    /// <param name="writer">The file.</param>
    /// <param name="pixels">The pixels.</param>
    /// <param name="ofFirstRow">How many of them end a row, where the others begin the next one; else 0.</param>
    /// <param name="first">The first vector of outputs.</param>
    public void Write(CSharpWriter writer, int pixels, int ofFirstRow, int first)
    {
        var vectors = quads.Vectors;
        using (
            KernelText.Method(
                writer,
                Invariant($"{plan.Node.Name}: {pixels} pixels of {Vectors * IntegerConvolutionPlan.Lanes} outputs")
                    + (ofFirstRow == 0 ? "." : Invariant($", {ofFirstRow} at the end of a row and the others at the start of the next.")),
                $"private static void {Name(pixels, ofFirstRow, first)}({(Gathers(first) ? TileGathering.Parameters : "")}{Parameters})"
            )
        )
        {
            foreach (var constant in quads.Constants())
                writer.Line(constant);
            for (var vector = 0; vector < Vectors * quads.Parts; vector++)
            {
                writer.Line($"{vectors.Integers} s0_{vector} = {vectors.LoadIntegers(KernelText.Offset("sums", vector * vectors.Lanes))};");
                for (var pixel = 1; pixel < pixels; pixel++)
                    writer.Line($"{vectors.Integers} s{pixel}_{vector} = s0_{vector};");
            }

            if (Gathers(first))
                WriteGathering(writer, Distances(pixels, ofFirstRow));
            else
                WriteTaps(writer, Distances(pixels, ofFirstRow));
            new IntegerResultWriter(plan, set, vectors, Vectors, plan.HasFewQuads || quads.Mode == ProductMode.MixedDot).Write(
                writer,
                pixels,
                first
            );
        }

        writer.Line();
    }

    // How far each pixel is from the first in scratch memory.
    private IReadOnlyList<int> Distances(int pixels, int ofFirstRow)
    {
        var (step, row) = (plan.Columns.Stride * PixelBytes, plan.Rows.Stride * plan.BandColumns * PixelBytes);
        var ahead = row - (plan.OutputShape.Width * step);
        return [.. Enumerable.Range(0, pixels).Select(pixel => (pixel * step) + (ofFirstRow > 0 && pixel >= ofFirstRow ? ahead : 0))];
    }

    private void WriteTaps(CSharpWriter writer, IReadOnlyList<int> pixels)
    {
        var (kernel, dilation) = (plan.Window.Kernel, plan.Window.Dilation);
        var row = plan.BandColumns * PixelBytes * dilation.Height;
        void Columns()
        {
            if (plan.IsJoined)
            {
                WriteQuads(writer, pixels, 0);
                return;
            }

            using (writer.Block($"for (int column = 0; column < {kernel.Width}; column++)"))
                WriteQuads(writer, pixels, (dilation.Width - 1) * PixelBytes);
        }

        if (kernel.Height == 1)
        {
            Columns();
            return;
        }

        using (writer.Block($"for (int row = 0; row < {kernel.Height}; row++)"))
        {
            Columns();
            var walked = plan.IsJoined ? plan.Steps * quads.QuadBytes : kernel.Width * dilation.Width * PixelBytes;
            writer.Line(row < walked ? $"pixels -= {walked - row};" : $"pixels += {row - walked};");
        }
    }

    private void WriteQuads(CSharpWriter writer, IReadOnlyList<int> pixels, int skip)
    {
        if (quads.IsShort)
            WriteShortSums(writer, pixels);
        else
            WriteProducts(writer, pixels, "s", Invariant($"for (int quad = 0; quad < {plan.Steps}; quad++)"));
        if (skip > 0)
            writer.Line($"pixels += {skip};");
    }

    // As few stretches as 16 bits allow, of nearly the same length.
    private void WriteShortSums(CSharpWriter writer, IReadOnlyList<int> pixels)
    {
        var length = (plan.Steps + plan.Stretches - 1) / plan.Stretches;
        writer.Line($"// The products of {plan.ShortQuads} quads of any input add up within 16 bits.");
        if (plan.Stretches == 1)
        {
            WriteStretch(writer, pixels, Invariant($"for (int quad = 0; quad < {plan.Steps}; quad++)"));
            return;
        }

        using (writer.Block($"for (int first = 0; first < {plan.Steps}; first += {length})"))
        {
            writer.Line($"int end = System::Math.Min(first + {length}, {plan.Steps});");
            WriteStretch(writer, pixels, "for (int quad = first; quad < end; quad++)");
        }
    }

    private void WriteStretch(CSharpWriter writer, IReadOnlyList<int> pixels, string loop)
    {
        for (var pixel = 0; pixel < pixels.Count; pixel++)
        {
            for (var vector = 0; vector < Vectors * quads.Parts; vector++)
                writer.Line($"{quads.Shorts} t{pixel}_{vector} = {quads.Shorts}.Zero;");
        }

        WriteProducts(writer, pixels, "t", loop);
        for (var pixel = 0; pixel < pixels.Count; pixel++)
        {
            for (var vector = 0; vector < Vectors * quads.Parts; vector++)
                writer.Line(quads.Widen(Invariant($"s{pixel}_{vector}"), Invariant($"t{pixel}_{vector}")));
        }
    }

    private int WeightBytes => plan.Vectors * IntegerConvolutionPlan.QuadBytes;

    private void WriteGathering(CSharpWriter writer, IReadOnlyList<int> pixels) =>
        Gathering!.WriteProducts(writer, WeightBytes, (products, quad) => WriteQuad(products, pixels, "s", quad));

    private void WriteProducts(CSharpWriter writer, IReadOnlyList<int> pixels, string sums, string loop)
    {
        using (writer.Block(loop))
        {
            WriteQuad(writer, pixels, sums, 0);
            writer.Line($"pixels += {quads.QuadBytes};");
            writer.Line($"weights += {WeightBytes};");
        }
    }

    // The products of the quad that is so many behind the pointers.
    private void WriteQuad(CSharpWriter writer, IReadOnlyList<int> pixels, string sums, int quad)
    {
        for (var vector = 0; vector < Vectors * quads.Parts; vector++)
        {
            var address = KernelText.Offset("weights", (quad * WeightBytes) + (vector * quads.Vectors.Lanes * 4));
            foreach (var line in quads.Weights(Invariant($"w{vector}"), address))
                writer.Line(line);
        }

        for (var pixel = 0; pixel < pixels.Count; pixel++)
        {
            foreach (var line in quads.Pixel(Invariant($"p{pixel}"), "pixels", pixels[pixel] + (quad * quads.QuadBytes)))
                writer.Line(line);
            for (var vector = 0; vector < Vectors * quads.Parts; vector++)
            {
                foreach (var line in quads.Add(Invariant($"{sums}{pixel}_{vector}"), Invariant($"p{pixel}"), Invariant($"w{vector}")))
                    writer.Line(line);
            }
        }
    }
}
