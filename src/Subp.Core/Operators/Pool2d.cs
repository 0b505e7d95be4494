using Subp.Core.Graphs;

namespace Subp.Core.Operators;

/// <summary>How a pooling window is summed up.</summary>
public enum PoolKind
{
    /// <summary>The largest element; padding never wins.</summary>
    Maximum,

    /// <summary>The mean.</summary>
    Average,
}

/// <summary>Maximum or average pooling. Every window must hold at least one element of the image.</summary>
public sealed record Pool2d : Operator
{
    /// <summary>Maximum or average.</summary>
    public required PoolKind Kind { get; init; }

    /// <summary>Kernel, stride and padding; dilation applies to maximum pooling only.</summary>
    public required Window Window { get; init; }

    /// <summary>
    /// Average only: divide by the whole kernel, padding included, instead of by the elements of the image in the window.
    /// </summary>
    public bool CountIncludesPadding { get; init; }

    /// <summary>
    /// Average with counted padding only: how many of the bottom rows and right columns of the padding do not count after all. They let a
    /// last window hang over the padded image, which is what rounding the extent up (ceil mode) means.
    /// </summary>
    public Extent Overhang { get; init; }

    /// <inheritdoc/>
    public override string Mnemonic => Kind == PoolKind.Maximum ? "max_pool" : "avg_pool";

    /// <inheritdoc/>
    public override TensorShape InferShape(ShapeContext context)
    {
        var image = context.Image();
        Window.Validate(context);
        var padding = Window.Padding;
        context.RequireRange("pads", Math.Max(padding.Top, padding.Bottom), 0, Reach(Window.Kernel.Height, Window.Dilation.Height));
        context.RequireRange("pads", Math.Max(padding.Left, padding.Right), 0, Reach(Window.Kernel.Width, Window.Dilation.Width));
        if (Kind == PoolKind.Average)
            context.RequireRange("dilations", Math.Max(Window.Dilation.Height, Window.Dilation.Width), 1, 1);
        var counted = Kind == PoolKind.Average && CountIncludesPadding;
        context.RequireRange("overhang", Overhang.Height, 0, counted ? padding.Bottom : 0);
        context.RequireRange("overhang", Overhang.Width, 0, counted ? padding.Right : 0);
        var (height, width) = Window.Output(context, image.Height, image.Width);
        return new TensorShape(image.Batch, image.Channels, height, width);
    }

    /// <inheritdoc/>
    public override TensorType InferType(TypeContext context) => Kind == PoolKind.Maximum ? context.SameAsInput() : context.Averaged(this);

    /// <inheritdoc/>
    public override void WriteAttributes(IAttributeWriter writer)
    {
        Window.Write(writer, withKernel: true);
        if (CountIncludesPadding)
            writer.Write("count_include_pad", 1);
        if (Overhang != default)
            writer.Write("overhang", Overhang.Height, Overhang.Width);
    }

    /// <summary>Average only: by how many elements the sum of an output's window is divided.</summary>
    /// <param name="height">The rows of the image.</param>
    /// <param name="width">The columns of the image.</param>
    /// <param name="row">The row of the output.</param>
    /// <param name="column">The column of the output.</param>
    public int CountedTaps(int height, int width, int row, int column) =>
        Counted(height, Window.Kernel.Height, Window.Stride.Height, Window.Padding.Top, Window.Padding.Bottom - Overhang.Height, row)
        * Counted(width, Window.Kernel.Width, Window.Stride.Width, Window.Padding.Left, Window.Padding.Right - Overhang.Width, column);

    // Positions before the image count from -before, positions behind it up to extent + after.
    private int Counted(int extent, int kernel, int stride, int before, int after, int output)
    {
        int first = (output * stride) - before;
        int end = first + kernel;
        return CountIncludesPadding ? Math.Min(end, extent + after) - first : Math.Min(end, extent) - Math.Max(first, 0);
    }

    // The product of two hostile attributes must not wrap around and let padding through that no window reaches across.
    private static int Reach(int kernel, int dilation) => (int)Math.Min((kernel - 1L) * dilation, int.MaxValue - 1);

    internal static Operator ReadMaximum(IAttributeReader reader) =>
        new Pool2d { Kind = PoolKind.Maximum, Window = Window.Read(reader, kernel: null) };

    internal static Operator ReadAverage(IAttributeReader reader)
    {
        var overhang = reader.Integers("overhang", 2);
        return new Pool2d
        {
            Kind = PoolKind.Average,
            Window = Window.Read(reader, kernel: null),
            CountIncludesPadding = reader.Integer("count_include_pad", 0) != 0,
            Overhang = overhang is null ? default : new Extent(overhang[0], overhang[1]),
        };
    }
}
