using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Costs;
using Subp.Compiler.Planning.Scheduling;
using Subp.Compiler.Planning.Values;
using Subp.Core.Graphs;

namespace Subp.Compiler.Families.StripeCopies;

/// <summary>
/// A copy between blocks of 16 channels and stripes of 16 pixels. Tasks: blocks of channels x bands of as many rows as are whole stripes.
/// </summary>
/// <param name="Frame">What every step has.</param>
internal sealed record StripeCopyPlan(LayerFrame Frame) : FamilyPlan(Frame)
{
    /// <summary>Rows of a band; the last one of an image may have fewer.</summary>
    public required int BandRows { get; init; }

    /// <summary>True for a copy to stripes, false for one to blocks.</summary>
    public bool ToStripes => Output!.Layout == Layout.Stripes16;

    /// <summary>Bands of an image.</summary>
    public int BandsPerImage => (Output!.Height + BandRows - 1) / BandRows;

    /// <summary>The fewest rows that are whole stripes, or all of them.</summary>
    public static int RowsOfBand(TensorShape shape)
    {
        var rows = 1;
        while (rows < shape.Height && rows * shape.Width % StripeLayout.Pixels != 0)
            rows++;
        return rows;
    }

    /// <inheritdoc/>
    public override void AddFootprint(WorkRange range, SpanList reads, SpanList writes)
    {
        var (stripes, blocks) = ToStripes ? (writes, reads) : (reads, writes);
        var (striped, blocked) = ToStripes ? (Output!, Inputs[0]!) : (Inputs[0]!, Output!);
        const int square = StripeLayout.Pixels * BufferPlanner.Block;
        for (var tile = range.TileFrom; tile < range.TileTo; tile++)
        {
            var (image, band) = (tile / BandsPerImage, tile % BandsPerImage);
            var (from, to) = (band * BandRows, Math.Min(Output!.Height, (band + 1) * BandRows));
            if (ToStripes)
                blocks.Rows(blocked, image, range.GroupFrom, range.GroupTo, from, to);
            else
                blocks.OutputRows(blocked, image, range.GroupFrom, range.GroupTo, from, to);
            var first = from * Output.Width / StripeLayout.Pixels;
            var last = ((to * Output.Width) + StripeLayout.Pixels - 1) / StripeLayout.Pixels;
            for (var stripe = first; stripe < last; stripe++)
            {
                var start = striped.Offset + (image * striped.BatchStride) + (stripe * StripeLayout.Length(striped.Shape));
                stripes.Add(new ArenaSpan(start + (range.GroupFrom * square), start + (range.GroupTo * square)));
            }
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<WorkItem> Work(InstructionSet set, MachineDescription machine) =>
        CostModel.StripeWork(Node.Shape, set, machine);

    /// <inheritdoc/>
    protected override string OperationName => ToStripes ? "copy_blocked16_to_stripes16" : "copy_stripes16_to_blocked16";
}
