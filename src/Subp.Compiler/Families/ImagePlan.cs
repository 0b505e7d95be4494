using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Costs;
using Subp.Compiler.Planning.Scheduling;
using Subp.Core.Operators;

namespace Subp.Compiler.Families;

/// <summary>
/// A step over images in blocks of 16 channels or over padded vectors. Tasks of image steps: blocks of 16 channels x rows of all images;
/// tasks of vector steps: blocks of 16 features x images.
/// </summary>
/// <param name="Frame">What every step has.</param>
internal abstract record ImagePlan(LayerFrame Frame) : FamilyPlan(Frame)
{
    /// <inheritdoc/>
    public override int? ActivationLanes(InstructionSet set) => MachineDescription.Lanes(set);

    /// <summary>The images of a range of tiles with the rows of each.</summary>
    protected static IEnumerable<(int Image, int From, int To)> RowsOf(WorkRange range, int tilesPerImage, int rowsPerTile, int height)
    {
        for (var image = range.TileFrom / tilesPerImage; image * tilesPerImage < range.TileTo; image++)
        {
            var from = Math.Max(0, range.TileFrom - (image * tilesPerImage));
            var to = Math.Min(tilesPerImage, range.TileTo - (image * tilesPerImage));
            yield return (image, from * rowsPerTile, Math.Min(height, to * rowsPerTile));
        }
    }

    /// <summary>The planes of a value in memory: blocks of 16 channels, or channels.</summary>
    protected static int PlanesOf(BufferPlan buffer) => buffer.Shape.IsImage ? buffer.Planes : buffer.ChannelBlocks;

    /// <summary>Adds what a step reads and writes that slides a window over rows of its own channels.</summary>
    protected void AddWindow(Window window, WorkRange range, SpanList reads, SpanList writes)
    {
        foreach (var (image, from, to) in RowsOf(range, Output!.Height, 1, Output.Height))
        {
            reads.Window(Inputs[0]!, image, range.GroupFrom, range.GroupTo, window, from, to);
            writes.OutputRows(Output, image, range.GroupFrom, range.GroupTo, from, to);
        }
    }

    /// <summary>
    /// What every step does that reads and writes values once; the caller's input is read from wherever the caller left it.
    /// </summary>
    protected WorkList Stream(MachineDescription machine)
    {
        var work = new WorkList().Add("layer", 1).AddWrite(machine, (double)Node.Shape.ElementCount * sizeof(float));
        foreach (var input in Inputs)
            work.AddRead(machine, (double)(input?.Shape.ElementCount ?? Node.Shape.ElementCount) * sizeof(float));
        return work;
    }

    /// <summary>The vectors of the result.</summary>
    protected double Vectors(InstructionSet set) => (double)Node.Shape.ElementCount / MachineDescription.Lanes(set);
}
