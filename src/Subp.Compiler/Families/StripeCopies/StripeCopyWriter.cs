using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Values;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.StripeCopies;

/// <summary>Writes the loops of a copy between blocks and stripes; squares are turned by the methods of <see cref="TranspositionFile"/>.</summary>
internal static class StripeCopyWriter
{
    /// <summary>Writes the layer method for one instruction set.</summary>
    public static void Write(CSharpWriter writer, StripeCopyPlan plan, InstructionSet set)
    {
        var output = plan.Output!;
        using (
            KernelText.Method(
                writer,
                $"{plan.Node.Name}: {plan.KernelName(set)}, {KernelText.Extent(output.Shape)}.",
                $"internal static void {plan.MethodStem}(float* input, float* output, {KernelText.RangeParameters})"
            )
        )
        {
            writer.Line(
                $"// A task is a block of 16 channels (group) of {KernelText.Count(plan.BandRows, "row")} of an image (tile), whose pixels are "
                    + "whole stripes."
            );
            writer.Line("int* pixels = stackalloc int[16];");
            using (writer.Block("for (int tile = range.TileFrom; tile < range.TileTo; tile++)"))
            {
                KernelText.SplitTile(writer, output.Shape.Batch, plan.BandsPerImage, plan.BandRows, hasRows: true);
                WriteBand(writer, plan);
            }

            KernelText.ClearHalo(writer, plan.HaloToClear, ("range.GroupFrom", "range.GroupTo"), plan.BandRows);
        }

        writer.Line();
    }

    private static void WriteBand(CSharpWriter writer, StripeCopyPlan plan)
    {
        var (height, width) = (plan.Output!.Height, plan.Output.Width);
        var (striped, blocked) = plan.ToStripes ? (plan.Output, plan.Inputs[0]!) : (plan.Inputs[0]!, plan.Output);
        var (stripes, blocks) = plan.ToStripes ? ("output", "input") : ("input", "output");
        var (batch, stripe) = (striped.Shape.Batch, StripeLayout.Length(striped.Shape));
        writer.Line(
            height % plan.BandRows == 0
                ? Invariant($"int lastPixel = (row + {plan.BandRows}) * {width};")
                : Invariant($"int lastPixel = System::Math.Min(row + {plan.BandRows}, {height}) * {width};")
        );
        using (writer.Block($"for (int pixel = row * {width}; pixel < lastPixel; pixel += 16)"))
        {
            WritePlaces(writer, blocked);
            writer.Line(Invariant($"float* stripe = {stripes}{KernelText.ImageTerm(batch, striped.BatchStride)} + pixel / 16 * {stripe};"));
            using (writer.Block("for (int group = range.GroupFrom; group < range.GroupTo; group++)"))
            {
                writer.Line(
                    Invariant($"float* block = {blocks}{KernelText.ImageTerm(batch, blocked.BatchStride)} + group * {blocked.PlaneStride};")
                );
                writer.Line(
                    $"{(plan.ToStripes ? TranspositionFile.ToStripe : TranspositionFile.ToBlock)}(block, pixels, stripe + group * 256);"
                );
            }
        }
    }

    // Pixels behind the last one of an image are the last one: a stripe is filled up with it, and a block gets it at the end.
    private static void WritePlaces(CSharpWriter writer, BufferPlan blocked)
    {
        var gap = blocked.RowPitch - (blocked.Width * blocked.PixelStride);
        writer.Line("// Where the sixteen pixels of the stripe lie in a block of channels; those behind the last one are the last one.");
        using (writer.Block("for (int lane = 0; lane < 16; lane++)"))
        {
            writer.Line("int place = System::Math.Min(pixel + lane, lastPixel - 1);");
            writer.Line(
                gap == 0 ? "pixels[lane] = place * 16;" : Invariant($"pixels[lane] = place * 16 + place / {blocked.Width} * {gap};")
            );
        }
    }
}
