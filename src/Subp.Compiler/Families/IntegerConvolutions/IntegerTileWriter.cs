using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Families.Bytes;
using Subp.Core.Operators;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.IntegerConvolutions;

/// <summary>
/// Writes the method that computes a few neighbouring pixels of sixteen or thirty-two outputs: 32-bit sums stay in registers from the bias
/// to the byte. A quad of a pixel goes to all lanes, and meets a quad of weights per output.
/// </summary>
/// <param name="plan">The layer.</param>
/// <param name="quads">How products are computed.</param>
/// <param name="stem">The name of the methods.</param>
internal sealed class IntegerTileWriter(IntegerConvolutionPlan plan, QuadVectors quads, string stem)
{
    /// <summary>The vectors of sixteen outputs of one call.</summary>
    public int Vectors { get; } = quads.Vectors.Lanes == 16 && plan.Vectors % 2 == 0 ? 2 : 1;

    /// <summary>True where 16-bit sums become 32-bit sums several times, since these would not hold all products.</summary>
    public bool IsChunked =>
        quads.IsShort && (plan.Window.Kernel.Height > 1 || Steps > plan.ShortQuads || (!IsJoined && plan.Window.Kernel.Width > 1));

    // The taps of a row of the kernel lie side by side in scratch memory, unless they are dilated.
    private bool IsJoined => plan.Window.Dilation.Width == 1 || plan.Window.Kernel.Width == 1;

    private int Steps => IsJoined ? plan.Window.Kernel.Width * plan.Quads : plan.Quads;

    /// <summary>Bytes of a pixel in scratch memory.</summary>
    public int PixelBytes => plan.Quads * quads.QuadBytes;

    /// <summary>The parameters of the method, with names.</summary>
    public string Parameters => "byte* pixels, sbyte* weights, int* sums, byte* target" + (plan.Residual is null ? "" : ", byte* residual");

    /// <summary>The name of the method for so many pixels.</summary>
    public string Name(int pixels, int vector) =>
        Invariant($"{stem}_{quads.Mode}{pixels}x{Vectors}")
        + (plan.StoredBytes(vector + Vectors - 1) is var stored and < IntegerConvolutionPlan.Lanes ? Invariant($"of{stored}") : "");

    /// <summary>Writes the method for so many pixels of a vector of outputs and those that are computed with it.</summary>
    public void Write(CSharpWriter writer, int pixels, int first)
    {
        var vectors = quads.Vectors;
        using (
            KernelText.Method(
                writer,
                Invariant($"{plan.Node.Name}: {pixels} pixels of {Vectors * IntegerConvolutionPlan.Lanes} outputs."),
                $"private static void {Name(pixels, first)}({Parameters})"
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

            WriteTaps(writer, pixels);
            WriteResults(writer, pixels, first);
        }

        writer.Line();
    }

    private void WriteTaps(CSharpWriter writer, int pixels)
    {
        var (kernel, dilation) = (plan.Window.Kernel, plan.Window.Dilation);
        var row = plan.BandColumns * PixelBytes * dilation.Height;
        void Columns()
        {
            if (IsJoined)
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
            var walked = IsJoined ? kernel.Width * PixelBytes : kernel.Width * dilation.Width * PixelBytes;
            writer.Line($"pixels += {row - walked};");
        }
    }

    private void WriteQuads(CSharpWriter writer, int pixels, int skip)
    {
        if (quads.IsShort)
            WriteShortSums(writer, pixels);
        else
            WriteProducts(writer, pixels, "s", Invariant($"for (int quad = 0; quad < {Steps}; quad++)"));
        if (skip > 0)
            writer.Line($"pixels += {skip};");
    }

    // As few stretches as 16 bits allow, of nearly the same length.
    private void WriteShortSums(CSharpWriter writer, int pixels)
    {
        var stretches = (Steps + plan.ShortQuads - 1) / plan.ShortQuads;
        var length = (Steps + stretches - 1) / stretches;
        writer.Line($"// The products of {plan.ShortQuads} quads of any input add up within 16 bits.");
        if (stretches == 1)
        {
            WriteStretch(writer, pixels, Invariant($"for (int quad = 0; quad < {Steps}; quad++)"));
            return;
        }

        using (writer.Block($"for (int first = 0; first < {Steps}; first += {length})"))
        {
            writer.Line($"int end = System::Math.Min(first + {length}, {Steps});");
            WriteStretch(writer, pixels, "for (int quad = first; quad < end; quad++)");
        }
    }

    private void WriteStretch(CSharpWriter writer, int pixels, string loop)
    {
        for (var pixel = 0; pixel < pixels; pixel++)
        {
            for (var vector = 0; vector < Vectors * quads.Parts; vector++)
                writer.Line($"{quads.Shorts} t{pixel}_{vector} = {quads.Shorts}.Zero;");
        }

        WriteProducts(writer, pixels, "t", loop);
        for (var pixel = 0; pixel < pixels; pixel++)
        {
            for (var vector = 0; vector < Vectors * quads.Parts; vector++)
                writer.Line(quads.Widen(Invariant($"s{pixel}_{vector}"), Invariant($"t{pixel}_{vector}")));
        }
    }

    private void WriteProducts(CSharpWriter writer, int pixels, string sums, string loop)
    {
        using (writer.Block(loop))
        {
            for (var vector = 0; vector < Vectors * quads.Parts; vector++)
            {
                foreach (var line in quads.Weights(Invariant($"w{vector}"), KernelText.Offset("weights", vector * quads.Vectors.Lanes * 4)))
                    writer.Line(line);
            }

            for (var pixel = 0; pixel < pixels; pixel++)
            {
                foreach (var line in quads.Pixel(Invariant($"p{pixel}"), "pixels", pixel * plan.Columns.Stride * PixelBytes))
                    writer.Line(line);
                for (var vector = 0; vector < Vectors * quads.Parts; vector++)
                {
                    foreach (var line in quads.Add(Invariant($"{sums}{pixel}_{vector}"), Invariant($"p{pixel}"), Invariant($"w{vector}")))
                        writer.Line(line);
                }
            }

            writer.Line($"pixels += {quads.QuadBytes};");
            writer.Line($"weights += {plan.Vectors * IntegerConvolutionPlan.QuadBytes};");
        }
    }

    private void WriteResults(CSharpWriter writer, int pixels, int first)
    {
        var vectors = quads.Vectors;
        if (plan.FloatActivation is { } activation)
        {
            WriteFloats(writer, pixels, activation);
            return;
        }

        writer.Line("// Sums become steps of the result, and these bytes.");
        plan.Placement.WriteLocals(writer, vectors);
        writer.Line("Simd::Vector128<byte> bytes;");
        for (var part = 0; part < quads.Parts; part++)
            writer.Line($"{vectors.Integers} bytes{part};");
        for (var vector = 0; vector < Vectors * quads.Parts; vector++)
            writer.Line(
                $"{vectors.Floats} f{vector} = {vectors.LoadFloats(KernelText.Offset("(float*)sums", plan.Places.Outputs + (vector * vectors.Lanes)))};"
            );
        if (plan.Residual is { } residual)
        {
            writer.Line($"{vectors.Integers} residualZero = {vectors.Constant(residual.ZeroPoint)};");
            writer.Line($"{vectors.Floats} residualRatio = {vectors.Constant(residual.Ratio)};");
        }

        if (plan.RoundedFirst is { } rounded)
        {
            rounded.Placement.WriteBounds(writer, vectors, "roundedLeast", "roundedMost");
            writer.Line($"{vectors.Floats} roundedRatio = {vectors.Constant(rounded.Ratio)};");
        }

        for (var pixel = 0; pixel < pixels; pixel++)
        {
            for (var vector = 0; vector < Vectors; vector++)
            {
                string[] parts = [.. Enumerable.Range(0, quads.Parts).Select(part => Invariant($"bytes{part}"))];
                for (var part = 0; part < parts.Length; part++)
                    WriteBytes(writer, pixel, (vector * quads.Parts) + part, parts[part]);
                foreach (
                    var line in quads.Store(
                        KernelText.Offset("target", (pixel * plan.Pitch.Output) + (vector * IntegerConvolutionPlan.Lanes)),
                        parts,
                        plan.StoredBytes(first + vector)
                    )
                )
                    writer.Line(line);
            }
        }
    }

    private void WriteFloats(CSharpWriter writer, int pixels, Activation activation)
    {
        var vectors = quads.Vectors;
        for (var vector = 0; vector < Vectors * quads.Parts; vector++)
            writer.Line(
                $"{vectors.Floats} f{vector} = {vectors.LoadFloats(KernelText.Offset("(float*)sums", plan.Places.Outputs + (vector * vectors.Lanes)))};"
            );
        for (var pixel = 0; pixel < pixels; pixel++)
        {
            for (var vector = 0; vector < Vectors * quads.Parts; vector++)
            {
                var value = vectors.Multiply(vectors.ToFloats(Invariant($"s{pixel}_{vector}")), Invariant($"f{vector}"));
                if (activation.Minimum > float.NegativeInfinity)
                    value = vectors.AtLeast(value, vectors.Constant(activation.Minimum));
                if (activation.Maximum < float.PositiveInfinity)
                    value = vectors.AtMost(value, vectors.Constant(activation.Maximum));
                var place = (pixel * plan.Vectors * IntegerConvolutionPlan.Lanes) + (vector * vectors.Lanes);
                writer.Line($"*({vectors.Floats}*)({KernelText.Offset("(float*)target", place)}) = {value};");
            }
        }
    }

    private void WriteBytes(CSharpWriter writer, int pixel, int part, string local)
    {
        var vectors = quads.Vectors;
        var steps = vectors.Multiply(vectors.ToFloats(Invariant($"s{pixel}_{part}")), Invariant($"f{part}"));
        if (plan.Residual is null)
        {
            plan.Placement.WriteBytes(writer, vectors, steps, local);
            return;
        }

        writer.Line($"{Placement.Steps} = {steps};");
        if (plan.RoundedFirst is not null)
            Placement.WriteWhole(writer, vectors, "roundedLeast", "roundedMost", "roundedRatio");

        var address = KernelText.Offset("residual", (pixel * plan.Pitch.Output) + (part * vectors.Lanes));
        writer.Line($"{local} = {vectors.SubtractIntegers(vectors.LoadBytes(address), "residualZero")};");
        var sum = vectors.Add(Placement.Steps, vectors.Multiply(vectors.ToFloats(local), "residualRatio"));
        plan.Placement.WriteBytes(writer, vectors, sum, local);
    }
}
