using Subp.Core.Operators;

namespace Subp.Compiler.Families.IntegerConvolutions;

/// <summary>
/// How the input under some rows of output is put together in scratch memory, along one axis: padded, and of a kernel of one tap only what
/// is used.
/// </summary>
/// <param name="First">The input position of position 0; less than 0 by the padding.</param>
/// <param name="Step">Input positions from one position to the next.</param>
/// <param name="Stride">Positions from one output to the next.</param>
/// <param name="Reach">Positions under one output, those between dilated taps included.</param>
/// <param name="Extent">The extent of the input.</param>
internal readonly record struct BandGeometry(int First, int Step, int Stride, int Reach, int Extent)
{
    /// <summary>The geometry along an axis of a window.</summary>
    public static BandGeometry Of(int kernel, int stride, int padding, int dilation, int extent) =>
        kernel == 1 ? new(-padding, stride, 1, 1, extent) : new(-padding, 1, stride, ((kernel - 1) * dilation) + 1, extent);

    /// <summary>The geometry along rows.</summary>
    public static BandGeometry Rows(Window window, int height) =>
        Of(window.Kernel.Height, window.Stride.Height, window.Padding.Top, window.Dilation.Height, height);

    /// <summary>The geometry along columns.</summary>
    public static BandGeometry Columns(Window window, int width) =>
        Of(window.Kernel.Width, window.Stride.Width, window.Padding.Left, window.Dilation.Width, width);

    /// <summary>The positions under some outputs.</summary>
    public int Positions(int outputs) => ((outputs - 1) * Stride) + Reach;

    /// <summary>Of some positions, those in front of the input, inside of it and behind it.</summary>
    public (int Before, int Inside, int Behind) Parts(int positions)
    {
        var before = Math.Min(positions, First >= 0 ? 0 : (-First + Step - 1) / Step);
        var last = Extent - 1 - First;
        var inside = last < 0 ? 0 : Math.Max(0, Math.Min(positions, (last / Step) + 1) - before);
        return (before, inside, positions - before - inside);
    }

    /// <summary>The input positions that some outputs read: the first, and one past the last.</summary>
    public (int From, int To) Input(int from, int to) =>
        (Math.Max(0, First + (from * Stride * Step)), Math.Min(Extent, First + (((((to - 1) * Stride) + Reach - 1) * Step)) + 1));
}
