using Subp.Core.Operators;

namespace Subp.Training.Engines.Embedded.Kernels;

/// <summary>
/// Which source pixel every tap of every target pixel reads, for one image. The same plan type describes the forward pass
/// (target = output, source = input) and the data gradient (target = input, source = output gradient), so that strides,
/// dilations and paddings of any kind need no kernel of their own. Target pixels that use the same set of taps form a class;
/// with stride 1 there is one class, with stride s the data gradient has s x s of them and no multiplication by zero.
/// </summary>
internal sealed class GatherPlan
{
    private GatherPlan(int targetPixels, int sourcePixels, GatherClass[] classes)
    {
        TargetPixels = targetPixels;
        SourcePixels = sourcePixels;
        Classes = classes;
    }

    /// <summary>The pixels of a target image.</summary>
    public int TargetPixels { get; }

    /// <summary>The pixels of a source image.</summary>
    public int SourcePixels { get; }

    /// <summary>The classes; together they hold every target pixel once and every tap that reads at most once.</summary>
    public GatherClass[] Classes { get; }

    /// <summary>The plan of the forward pass.</summary>
    public static GatherPlan Forward(Window window, (int Height, int Width) input, (int Height, int Width) output)
    {
        int taps = window.Kernel.Height * window.Kernel.Width;
        int pixels = output.Height * output.Width;
        var source = new int[taps * pixels];
        for (int tap = 0; tap < taps; tap++)
        {
            for (int pixel = 0; pixel < pixels; pixel++)
            {
                int row =
                    (pixel / output.Width * window.Stride.Height)
                    - window.Padding.Top
                    + (tap / window.Kernel.Width * window.Dilation.Height);
                int column =
                    (pixel % output.Width * window.Stride.Width)
                    - window.Padding.Left
                    + (tap % window.Kernel.Width * window.Dilation.Width);
                bool inside = row >= 0 && row < input.Height && column >= 0 && column < input.Width;
                source[(tap * pixels) + pixel] = inside ? (row * input.Width) + column : -1;
            }
        }

        var all = GatherClass.Of([.. Enumerable.Range(0, taps)], [.. Enumerable.Range(0, pixels)], source);
        return new GatherPlan(pixels, input.Height * input.Width, [all]);
    }

    /// <summary>The plan of the data gradient.</summary>
    public static GatherPlan Backward(Window window, (int Height, int Width) input, (int Height, int Width) output)
    {
        var classes = new List<GatherClass>();
        for (int rowPhase = 0; rowPhase < Math.Min(window.Stride.Height, input.Height); rowPhase++)
        {
            for (int columnPhase = 0; columnPhase < Math.Min(window.Stride.Width, input.Width); columnPhase++)
                classes.Add(BackwardClass(window, input, output, rowPhase, columnPhase));
        }

        return new GatherPlan(input.Height * input.Width, output.Height * output.Width, [.. classes]);
    }

    private static GatherClass BackwardClass(
        Window window,
        (int Height, int Width) input,
        (int Height, int Width) output,
        int rowPhase,
        int columnPhase
    )
    {
        var taps = new List<int>();
        for (int tap = 0; tap < window.Kernel.Height * window.Kernel.Width; tap++)
        {
            int row = rowPhase + window.Padding.Top - (tap / window.Kernel.Width * window.Dilation.Height);
            int column = columnPhase + window.Padding.Left - (tap % window.Kernel.Width * window.Dilation.Width);
            if (row % window.Stride.Height == 0 && column % window.Stride.Width == 0)
                taps.Add(tap);
        }

        var pixels = new List<int>();
        for (int row = rowPhase; row < input.Height; row += window.Stride.Height)
        {
            for (int column = columnPhase; column < input.Width; column += window.Stride.Width)
                pixels.Add((row * input.Width) + column);
        }

        var source = new int[taps.Count * pixels.Count];
        for (int t = 0; t < taps.Count; t++)
        {
            for (int p = 0; p < pixels.Count; p++)
            {
                // Exact divisions: the class holds the taps for which the stride divides both coordinates.
                int row =
                    ((pixels[p] / input.Width) + window.Padding.Top - (taps[t] / window.Kernel.Width * window.Dilation.Height))
                    / window.Stride.Height;
                int column =
                    ((pixels[p] % input.Width) + window.Padding.Left - (taps[t] % window.Kernel.Width * window.Dilation.Width))
                    / window.Stride.Width;
                bool inside = row >= 0 && row < output.Height && column >= 0 && column < output.Width;
                source[(t * pixels.Count) + p] = inside ? (row * output.Width) + column : -1;
            }
        }

        return GatherClass.Of([.. taps], [.. pixels], source);
    }
}

/// <summary>Target pixels that read through the same taps.</summary>
/// <param name="Taps">The taps, as indices kernel row x kernel width + kernel column.</param>
/// <param name="Pixels">The target pixels.</param>
/// <param name="Source">[tap][pixel], the source pixel, or -1 where the tap falls into the padding.</param>
internal sealed record GatherClass(int[] Taps, int[] Pixels, int[] Source)
{
    /// <summary>
    /// The class without the taps that fall into the padding for all of its pixels, of which a small map has many: of the nine of a 3x3
    /// window over one pixel one is left.
    /// </summary>
    public static GatherClass Of(int[] taps, int[] pixels, int[] source)
    {
        int[] read = [.. Enumerable.Range(0, taps.Length).Where(tap => RowOf(tap).ContainsAnyExcept(-1))];
        return read.Length == taps.Length
            ? new GatherClass(taps, pixels, source)
            : new GatherClass([.. read.Select(tap => taps[tap])], pixels, [.. read.SelectMany(tap => RowOf(tap).ToArray())]);

        ReadOnlySpan<int> RowOf(int tap) => source.AsSpan(tap * pixels.Length, pixels.Length);
    }
}
