using Subp.Core.Operators;

namespace Subp.Compiler.Planning.Scheduling;

/// <summary>
/// Collects stretches of the arena from rows of values. Planes are blocks of 16 channels, or single channels in planar values. The caller's
/// input and output, null, do not lie in the arena.
/// </summary>
internal sealed class SpanList
{
    private readonly List<ArenaSpan> _spans = [];

    /// <summary>The stretches so far.</summary>
    public IReadOnlyList<ArenaSpan> Spans => _spans;

    /// <summary>
    /// One past the last float of a value in the arena. The images of a part of a larger value are as far apart as those of the whole.
    /// </summary>
    public static int End(BufferPlan buffer) =>
        buffer.IsOnePiece
            ? buffer.Offset + buffer.Length
            : buffer.Offset + ((buffer.Shape.Batch - 1) * buffer.BatchStride) + (buffer.Length / buffer.Shape.Batch);

    /// <summary>Rows of the image itself; what lies outside is left out.</summary>
    public void Rows(BufferPlan? buffer, int image, int planeFrom, int planeTo, int from, int to)
    {
        if (buffer is not null)
            Physical(buffer, image, planeFrom, planeTo, from + buffer.Halo.Top, to + buffer.Halo.Top);
    }

    /// <summary>Rows that a step writes. It also zeroes the halo beside them, above the first row and below the last.</summary>
    public void OutputRows(BufferPlan? buffer, int image, int planeFrom, int planeTo, int from, int to)
    {
        if (buffer is not null)
            Physical(
                buffer,
                image,
                planeFrom,
                planeTo,
                from == 0 ? 0 : from + buffer.Halo.Top,
                to == buffer.Height ? buffer.Height + buffer.Halo.Top + buffer.Halo.Bottom : to + buffer.Halo.Top
            );
    }

    /// <summary>The rows under the windows of some output rows, halo included.</summary>
    public void Window(BufferPlan buffer, int image, int planeFrom, int planeTo, Window window, int from, int to) =>
        Rows(
            buffer,
            image,
            planeFrom,
            planeTo,
            (from * window.Stride.Height) - window.Padding.Top,
            ((to - 1) * window.Stride.Height) - window.Padding.Top + ((window.Kernel.Height - 1) * window.Dilation.Height) + 1
        );

    /// <summary>All of one image.</summary>
    public void Image(BufferPlan? buffer, int image)
    {
        if (buffer is { Shape.IsImage: true })
            Physical(buffer, image, 0, buffer.Planes, 0, int.MaxValue);
        else if (buffer is not null)
            _spans.Add(
                new ArenaSpan(
                    buffer.Offset + (image * buffer.BatchStride),
                    buffer.Offset + (image * buffer.BatchStride) + (buffer.Length / buffer.Shape.Batch)
                )
            );
    }

    /// <summary>A stretch that a family of kernels counted itself.</summary>
    public void Add(ArenaSpan span) => _spans.Add(span);

    /// <summary>All of a value, if it lies in the arena.</summary>
    public void Whole(BufferPlan? buffer)
    {
        if (buffer is { IsOnePiece: true })
        {
            _spans.Add(new ArenaSpan(buffer.Offset, buffer.Offset + buffer.Length));
            return;
        }

        for (var image = 0; image < (buffer?.Shape.Batch ?? 0); image++)
            Image(buffer, image);
    }

    private void Physical(BufferPlan buffer, int image, int planeFrom, int planeTo, int from, int to)
    {
        var start = buffer.Offset + (image * buffer.BatchStride);
        if (!buffer.Shape.IsImage)
        {
            _spans.Add(new ArenaSpan(start + (planeFrom * BufferPlanner.Block), start + (planeTo * BufferPlanner.Block)));
            return;
        }

        var rows = buffer.Height + buffer.Halo.Top + buffer.Halo.Bottom;
        var (first, last) = (Math.Max(0, from), Math.Min(rows, to));
        if (first >= last || planeFrom >= planeTo)
            return;
        if (first == 0 && last == rows)
        {
            _spans.Add(new ArenaSpan(start + (planeFrom * buffer.PlaneStride), start + (planeTo * buffer.PlaneStride)));
            return;
        }

        for (var plane = planeFrom; plane < planeTo; plane++)
            _spans.Add(
                new ArenaSpan(
                    start + (plane * buffer.PlaneStride) + (first * buffer.RowPitch),
                    start + (plane * buffer.PlaneStride) + (last * buffer.RowPitch)
                )
            );
    }
}
