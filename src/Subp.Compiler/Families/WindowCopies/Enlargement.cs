using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.WindowCopies;

/// <summary>Resizes of images that repeat every row and every column a whole number of times.</summary>
internal static class Enlargement
{
    /// <summary>How often rows and columns are repeated, or null where the resize does anything else.</summary>
    public static Extent? Of(Resize resize, TensorShape shape) =>
        resize.Mode == ResizeMode.Nearest
        && shape.IsImage
        && Repeats(resize, shape, 0) == 1
        && Repeats(resize, shape, 1) == 1
        && Repeats(resize, shape, 2) is { } rows
        && Repeats(resize, shape, 3) is { } columns
            ? new Extent(rows, columns)
            : null;

    private static int? Repeats(Resize resize, TensorShape shape, int axis)
    {
        var (from, to) = (shape[axis], resize.Sizes[axis]);
        if (to % from != 0)
            return null;
        var times = to / from;
        var taps = ResizeTaps.Of(resize, axis, from);
        for (var index = 0; index < to; index++)
        {
            if (taps[index].Count != 1 || taps[index][0].Index != index / times)
                return null;
        }

        return times;
    }
}
