namespace Subp.Core.Operators;

/// <summary>A pair of extents, for kernels, strides and dilations.</summary>
/// <param name="Height">Along rows.</param>
/// <param name="Width">Along columns.</param>
public readonly record struct Extent(int Height, int Width)
{
    /// <summary>One by one.</summary>
    public static readonly Extent One = new(1, 1);
}

/// <summary>Rows and columns of padding around an image.</summary>
/// <param name="Top">Rows above.</param>
/// <param name="Left">Columns to the left.</param>
/// <param name="Bottom">Rows below.</param>
/// <param name="Right">Columns to the right.</param>
public readonly record struct Padding(int Top, int Left, int Bottom, int Right)
{
    /// <summary>No padding.</summary>
    public static readonly Padding None;

    /// <summary>The same padding on all four sides.</summary>
    public static Padding All(int amount) => new(amount, amount, amount, amount);
}

/// <summary>How a kernel slides over an image.</summary>
/// <param name="Kernel">The extent of the kernel.</param>
/// <param name="Stride">The step between two positions.</param>
/// <param name="Padding">The padding of the input.</param>
/// <param name="Dilation">The distance between two taps.</param>
public readonly record struct Window(Extent Kernel, Extent Stride, Padding Padding, Extent Dilation)
{
    /// <summary>An undilated window.</summary>
    public static Window Square(int kernel, int stride = 1, int padding = 0) =>
        new(new Extent(kernel, kernel), new Extent(stride, stride), Padding.All(padding), Extent.One);

    internal void Validate(ShapeContext context)
    {
        context.RequireRange("kernel", Math.Min(Kernel.Height, Kernel.Width), 1);
        context.RequireRange("strides", Math.Min(Stride.Height, Stride.Width), 1);
        context.RequireRange("dilations", Math.Min(Dilation.Height, Dilation.Width), 1);
        context.RequireRange("pads", Math.Min(Math.Min(Padding.Top, Padding.Left), Math.Min(Padding.Bottom, Padding.Right)), 0);
    }

    internal (int Height, int Width) Output(ShapeContext context, int height, int width) =>
        (
            context.WindowOutput("height", height, Kernel.Height, Stride.Height, Dilation.Height, Padding.Top, Padding.Bottom),
            context.WindowOutput("width", width, Kernel.Width, Stride.Width, Dilation.Width, Padding.Left, Padding.Right)
        );

    internal void Write(IAttributeWriter writer, bool withKernel)
    {
        if (withKernel)
            writer.Write("kernel", Kernel.Height, Kernel.Width);
        if (Stride != Extent.One)
            writer.Write("strides", Stride.Height, Stride.Width);
        if (Padding != Padding.None)
            writer.Write("pads", Padding.Top, Padding.Left, Padding.Bottom, Padding.Right);
        if (Dilation != Extent.One)
            writer.Write("dilations", Dilation.Height, Dilation.Width);
    }

    internal static Window Read(IAttributeReader reader, Extent? kernel)
    {
        var extent = kernel ?? Pair(reader.Integers("kernel", 2));
        var pads = reader.Integers("pads", 4);
        return new Window(
            extent,
            Pair(reader.Integers("strides", 2)),
            pads is null ? Padding.None : new Padding(pads[0], pads[1], pads[2], pads[3]),
            Pair(reader.Integers("dilations", 2))
        );
    }

    private static Extent Pair(int[]? values) => values is null ? Extent.One : new Extent(values[0], values[1]);
}
