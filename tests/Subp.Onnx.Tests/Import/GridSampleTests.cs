using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Interpretation;
using Xunit;
using static Subp.Onnx.Tests.OnnxFile;

namespace Subp.Onnx.Tests.Import;

/// <summary>GridSample against its definition, sample by sample.</summary>
public sealed class GridSampleTests
{
    private const int Channels = 3,
        Rows = 4,
        Columns = 5;

    private static readonly int[] s_image = [2, Channels, Rows, Columns];
    private static readonly int[] s_grid = [2, 3, 7, 2];

    public static TheoryData<string, string, int> Forms
    {
        get
        {
            var forms = new TheoryData<string, string, int>();
            foreach (var mode in new[] { "nearest", "bilinear", "bicubic", "linear", "cubic" })
            {
                foreach (var padding in new[] { "zeros", "border", "reflection" })
                {
                    forms.Add(mode, padding, 0);
                    forms.Add(mode, padding, 1);
                }
            }

            return forms;
        }
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Each_sample_is_what_the_definition_says(string mode, string padding, int alignsCorners)
    {
        // Inside, outside by one pixel, by many, and on centres and edges of pixels, all without a rounding.
        float[] grid = [.. Enumerable.Range(0, Count(s_grid)).Select(index => (float)Math.Round(Math.Sin(index * 1.3) * 40) / 16)];
        (grid[0], grid[1], grid[2], grid[3], grid[4], grid[5]) = (-1, 1, 0, 0, 0.25f, -7.5f);
        var found = Run(mode, padding, alignsCorners, grid, s_image);
        var image = Image(s_image);
        for (var sample = 0; sample < found.Length / Channels; sample++)
        {
            var batch = sample / 21;
            var (x, y) = (grid[2 * sample], grid[(2 * sample) + 1]);
            for (var channel = 0; channel < Channels; channel++)
            {
                double Pixel(int row, int column) =>
                    At(image.AsSpan(((batch * Channels) + channel) * Rows * Columns), row, column, padding, alignsCorners == 1);
                var expected = Sample(Pixel, Place(x, Columns, alignsCorners), Place(y, Rows, alignsCorners), mode);
                Assert.Equal(expected, found[(((batch * Channels) + channel) * 21) + (sample % 21)], 1e-4);
            }
        }
    }

    [Fact]
    public void Infinite_coordinates_are_far_outside()
    {
        float[] grid = [.. Enumerable.Repeat(float.PositiveInfinity, Count(s_grid))];
        grid[1] = float.NegativeInfinity;
        Assert.All(Run("bilinear", "zeros", 0, grid, s_image), value => Assert.Equal(0, value));
        var corner = Image(s_image)[(Rows * Columns) - 1];
        Assert.Equal(corner, Run("bicubic", "border", 1, grid, s_image)[1]);
    }

    [Theory]
    [InlineData("bilinear", "reflection", 0)]
    [InlineData("nearest", "reflection", 1)]
    [InlineData("bicubic", "reflection", 0)]
    [InlineData("bilinear", "border", 1)]
    public void Infinite_coordinates_choose_pixels_in_every_padding(string mode, string padding, int alignsCorners)
    {
        float[] grid =
        [
            .. Enumerable.Range(0, Count(s_grid)).Select(index => index % 3 == 0 ? float.NegativeInfinity : float.PositiveInfinity),
        ];
        Assert.All(Run(mode, padding, alignsCorners, grid, s_image), value => Assert.InRange(value, -2, 2));
        Assert.All(Run(mode, padding, alignsCorners, grid, [2, 1, 1, 1]), value => Assert.InRange(value, -2, 2));
    }

    [Theory]
    [InlineData("nearest")]
    [InlineData("bilinear")]
    [InlineData("bicubic")]
    public void Outside_there_are_zeros_whatever_the_edge_holds(string mode)
    {
        float[] grid = [.. Enumerable.Repeat(-5f, Count(s_grid))];
        float[] edge = [.. Enumerable.Repeat(float.PositiveInfinity, Count(s_image))];
        Assert.All(Run(mode, "zeros", 0, grid, s_image, edge), value => Assert.Equal(0, value));
    }

    [Fact]
    public void An_image_of_one_pixel_is_reflected_into_itself()
    {
        float[] grid = [.. Enumerable.Range(0, Count(s_grid)).Select(index => index - 20f)];
        Assert.All(Run("nearest", "reflection", 1, grid, [2, 1, 1, 1]), value => Assert.Contains(value, Image([2, 1, 1, 1])));
    }

    [Fact]
    public void What_is_no_grid_is_refused()
    {
        string Found(OnnxFile file) => Assert.Throws<SubpException>(() => file.Import()).Diagnostic.Found;
        OnnxFile File(int[] grid, params Protos.AttributeProto[] attributes) =>
            Create(s_image).Weight("g", grid).Node("GridSample", "x g", "y", attributes);
        Assert.Equal("a grid of shape [2,3,7,3]", Found(File([2, 3, 7, 3])));
        Assert.Equal("a grid of shape [1,3,7,2]", Found(File([1, 3, 7, 2])));
        Assert.Equal("mode = area", Found(File(s_grid, Text("mode", "area"))));
        Assert.Equal("padding_mode = wrap", Found(File(s_grid, Text("padding_mode", "wrap"))));
        Assert.Equal("an input of shape [2,3,4]", Found(Create([2, 3, 4]).Weight("g", 2, 3, 7, 2).Node("GridSample", "x g", "y")));
    }

    private static float[] Run(string mode, string padding, int alignsCorners, float[] grid, int[] shape, float[]? image = null)
    {
        var file = Create(shape);
        file.Graph.Input.Add(
            Value("grid", [.. s_grid.Select(extent => new Protos.TensorShapeProto.Types.Dimension { DimValue = extent })])
        );
        var model = file.Node(
                "GridSample",
                "x grid",
                "y",
                Text("mode", mode),
                Text("padding_mode", padding),
                Integer("align_corners", alignsCorners)
            )
            .Import();
        Assert.Equal(new TensorShape(2, shape[1], 3, 7), model.Graph.Nodes[^1].Shape);
        var values = new ReferenceInterpreter(model).RunAll(
            new Dictionary<string, float[]> { ["x"] = image ?? Image(shape), ["grid"] = grid }
        );
        return [.. values["y"].Select(value => (float)value)];
    }

    private static float[] Image(int[] shape) => [.. Enumerable.Range(0, Count(shape)).Select(index => (float)Math.Cos(index * 0.7))];

    private static int Count(int[] extents) => extents.Aggregate((product, extent) => product * extent);

    private static float Place(float coordinate, int extent, int alignsCorners) =>
        alignsCorners == 1 ? (coordinate + 1) / 2 * (extent - 1) : (((coordinate + 1) * extent) - 1) / 2;

    private static double Sample(Func<int, int, double> pixel, double x, double y, string mode)
    {
        if (mode == "nearest")
            return pixel((int)Math.Round(y), (int)Math.Round(x));
        var (column, row) = ((int)Math.Floor(x), (int)Math.Floor(y));
        var sum = 0.0;
        for (var down = -1; down <= 2; down++)
        {
            for (var across = -1; across <= 2; across++)
                sum += Weight(row + down - y) * Weight(column + across - x) * pixel(row + down, column + across);
        }

        return sum;

        double Weight(double distance)
        {
            const double A = -0.75;
            var d = Math.Abs(distance);
            return mode is "bilinear" or "linear" ? Math.Max(0, 1 - d)
                : d <= 1 ? ((A + 2) * d * d * d) - ((A + 3) * d * d) + 1
                : d < 2 ? (A * d * d * d) - (5 * A * d * d) + (8 * A * d) - (4 * A)
                : 0;
        }
    }

    private static double At(ReadOnlySpan<float> plane, int row, int column, string padding, bool alignsCorners)
    {
        if (padding == "zeros")
            return row >= 0 && row < Rows && column >= 0 && column < Columns ? plane[(row * Columns) + column] : 0;
        int Inside(int place, int extent) =>
            padding == "border" ? Math.Clamp(place, 0, extent - 1) : Mirrored(place, extent, alignsCorners);
        return plane[(Inside(row, Rows) * Columns) + Inside(column, Columns)];
    }

    // Step by step, as often as it takes.
    private static int Mirrored(int place, int extent, bool alignsCorners)
    {
        while (place < 0 || place >= extent)
        {
            if (place < 0)
                place = alignsCorners ? -place : -place - 1;
            else
                place = alignsCorners ? (2 * (extent - 1)) - place : (2 * extent) - 1 - place;
        }

        return place;
    }
}
