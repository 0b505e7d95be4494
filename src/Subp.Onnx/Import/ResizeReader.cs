using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Onnx.Import;

/// <summary>Reads the inputs and attributes of a Resize of opset 11 and later.</summary>
internal static class ResizeReader
{
    /// <summary>The operator for an input of a shape.</summary>
    /// <exception cref="Core.Diagnostics.SubpException">Sizes and scales do not fit, or an attribute has no such word.</exception>
    public static Resize Read(NodeContext node, TensorShape shape)
    {
        node.RequireInputs(2, 4);
        int[] axes =
            node.Attributes.Integers("axes")?.Select(axis => Axes.Normalize(node, axis, shape.Rank)).ToArray()
            ?? [.. Enumerable.Range(0, shape.Rank)];
        var word = node.Attributes.Text("coordinate_transformation_mode", "half_pixel");
        var coordinates =
            Resize.ParseCoordinates(word) ?? throw node.Attributes.Invalid($"coordinate_transformation_mode = '{word}'", "a mode of ONNX");
        var rounding = node.Attributes.Text("nearest_mode", "round_prefer_floor");
        var (sizes, scales) = Extents(node, shape, axes);
        // The first and last elements of which length are aligned: the rounded one, as the text of the standard and ONNX Runtime have it,
        // or
        // the product of extent and scale, as its reference implementation has it?
        if (coordinates == ResizeCoordinates.AlignCorners && scales.Length > 0)
            throw node.Unsupported(
                "align_corners with scales that do not make whole extents",
                "scales that do, or sizes",
                "Export the model with the size of the result instead of scales."
            );
        return new Resize
        {
            Sizes = sizes,
            Scales = scales,
            Mode = Mode(node),
            Coordinates = coordinates,
            Rounding = Resize.ParseRounding(rounding) ?? throw node.Attributes.Invalid($"nearest_mode = '{rounding}'", "a mode of ONNX"),
            CubicCoefficient = node.Attributes.Real("cubic_coeff_a", -0.75f),
            ExcludesOutside = node.Attributes.Switch("exclude_outside", false),
            IsAntialiased = node.Attributes.Switch("antialias", false),
            Region = coordinates == ResizeCoordinates.TfCropAndResize ? Region(node, shape, axes) : [],
            Outside = node.Attributes.Real("extrapolation_value", 0),
        };
    }

    /// <summary>The attribute <c>mode</c>.</summary>
    public static ResizeMode Mode(NodeContext node)
    {
        var word = node.Attributes.Text("mode", "nearest");
        return Resize.ParseMode(
                word is "bilinear" or "trilinear" ? "linear"
                : word is "bicubic" ? "cubic"
                : word
            ) ?? throw node.Attributes.Invalid($"mode = '{word}'", "nearest, linear or cubic");
    }

    /// <summary>Sizes from one scale per dimension, and the scales where they are not the quotients of the sizes.</summary>
    public static (int[] Sizes, float[] Scales) Scaled(NodeContext node, TensorShape shape, float[] scales)
    {
        if (scales.Length != shape.Rank || scales.Any(scale => !(scale > 0) || scale > 1 << 20))
            throw node.Unsupported(
                FormattableString.Invariant($"{scales.Length} scales"),
                FormattableString.Invariant($"{shape.Rank} scales above 0 and up to {1 << 20}")
            );
        int[] sizes = [.. scales.Select((scale, axis) => (int)Math.Min((double)(float)(scale * shape[axis]), int.MaxValue))];
        var isQuotient = scales.Select((scale, axis) => scale == (float)sizes[axis] / shape[axis]).All(same => same);
        return (sizes, isQuotient ? [] : scales);
    }

    private static (int[] Sizes, float[] Scales) Extents(NodeContext node, TensorShape shape, int[] axes)
    {
        var scales = node.OptionalConstant(2, "scales") is { Count: > 0 } given ? given.ToFloats() : null;
        var sizes = node.OptionalConstant(3, "sizes") is { Count: > 0 } wanted ? wanted.ToIntegers() : null;
        var policy = node.Attributes.Text("keep_aspect_ratio_policy", "stretch");
        if ((scales is null) == (sizes is null) || (scales?.Length ?? sizes!.Length) != axes.Length)
            throw node.Unsupported(
                FormattableString.Invariant($"{scales?.Length ?? 0} scales and {sizes?.Length ?? 0} sizes"),
                FormattableString.Invariant($"scales or sizes, one for each of {axes.Length} axes")
            );
        if (scales is not null)
            return Scaled(node, shape, Spread(Enumerable.Repeat(1f, shape.Rank), axes, scales));
        if (policy == "stretch")
            return (Spread(shape.Dimensions, axes, [.. sizes!.Select(size => Size(node, size))]), []);
        var quotients = axes.Select((axis, index) => (float)sizes![index] / shape[axis]);
        var scale = policy switch
        {
            "not_larger" => quotients.Min(),
            "not_smaller" => quotients.Max(),
            _ => throw node.Attributes.Invalid($"keep_aspect_ratio_policy = '{policy}'", "stretch, not_larger or not_smaller"),
        };
        int[] rounded = [.. axes.Select(axis => Size(node, (long)MathF.Round(scale * shape[axis], MidpointRounding.AwayFromZero)))];
        return (Spread(shape.Dimensions, axes, rounded), Spread(Enumerable.Repeat(1f, shape.Rank), axes, [.. axes.Select(_ => scale)]));
    }

    private static float[] Region(NodeContext node, TensorShape shape, int[] axes)
    {
        var region = node.Constant(1, "roi").ToFloats();
        if (region.Length != 2 * axes.Length)
            throw node.Unsupported(
                FormattableString.Invariant($"a roi of {region.Length} numbers"),
                FormattableString.Invariant($"{2 * axes.Length}")
            );
        return
        [
            .. Spread(Enumerable.Repeat(0f, shape.Rank), axes, region[..axes.Length]),
            .. Spread(Enumerable.Repeat(1f, shape.Rank), axes, region[axes.Length..]),
        ];
    }

    private static int Size(NodeContext node, long size) =>
        size is >= 1 and <= TensorShape.MaximumElementCount
            ? (int)size
            : throw node.Unsupported(FormattableString.Invariant($"the size {size}"), "at least 1");

    private static T[] Spread<T>(IEnumerable<T> all, int[] axes, T[] given)
    {
        T[] result = [.. all];
        for (var index = 0; index < axes.Length; index++)
            result[axes[index]] = given[index];
        return result;
    }
}
