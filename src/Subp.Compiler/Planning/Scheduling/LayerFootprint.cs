namespace Subp.Compiler.Planning.Scheduling;

/// <summary>
/// What one thread's part of a layer reads and writes in the arena: whole rows of planes, halo included, never less than the kernel
/// touches. The caller's input and output are not in it: the one is never written, the other never read.
/// </summary>
/// <param name="Reads">What it reads.</param>
/// <param name="Writes">What it writes.</param>
internal sealed record LayerFootprint(IReadOnlyList<ArenaSpan> Reads, IReadOnlyList<ArenaSpan> Writes)
{
    /// <summary>The footprint of some rectangles of a layer.</summary>
    public static LayerFootprint Of(LayerPlan layer, IReadOnlyList<WorkRange> ranges)
    {
        var (reads, writes) = (new SpanList(), new SpanList());
        foreach (var range in ranges.Where(range => range.Tasks > 0))
            layer.OfFamily.AddFootprint(range, reads, writes);
        return new LayerFootprint(reads.Spans, writes.Spans);
    }
}
