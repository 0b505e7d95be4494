using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>Resize in its forms since opset 10, and Upsample before it.</summary>
/// <param name="name">The ONNX operator.</param>
internal sealed class ResizeConverter(string name) : OperatorConverter
{
    private const int CoordinatesOpset = 11;

    private const int ScalesInputOpset = 9;

    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(
            name,
            "resize, or nothing where the size stays",
            name == "Upsample"
                ? "Modes nearest and linear; scales as attribute or constant input."
                : "All modes, coordinate transformations and roundings, mode nearest also of quantised bytes; constant scales "
                    + "or sizes, any axes, antialias."
        );

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        var value = node.ValueOfAnyKind(0);
        var resize = name == "Upsample" || node.Opset < CoordinatesOpset ? Old(node, value.Shape) : ResizeReader.Read(node, value.Shape);
        // The nearest element of bytes is one of them; others are means, which are rounded in ways of their own.
        if (
            value.Kind != ElementKind.Byte
            || resize is not { Mode: ResizeMode.Nearest, Coordinates: not ResizeCoordinates.TfCropAndResize }
        )
            value = node.Value(0);
        // The same size is a copy in every mode but that of a crop.
        if (
            resize.Coordinates != ResizeCoordinates.TfCropAndResize
            && resize.Scales.Count == 0
            && value.Shape.Dimensions.SequenceEqual(resize.Sizes)
        )
            node.Define(value);
        else
            node.Emit(resize, value);
    }

    // Positions are x / scale; the nearest element is the one before it, and where the value shrinks the one behind it.
    private Resize Old(NodeContext node, TensorShape shape)
    {
        var isAttribute = name == "Upsample" && node.Opset < ScalesInputOpset;
        node.RequireInputs(isAttribute ? 1 : 2, isAttribute ? 1 : 2);
        var scales =
            (isAttribute ? node.Attributes.Reals("scales") : node.Constant(1, "scales").ToFloats())
            ?? throw node.Attributes.Invalid("no scales", "scales");
        var (sizes, kept) = ResizeReader.Scaled(node, shape, scales);
        var mode = ResizeReader.Mode(node);
        var shrinks = scales.Any(scale => scale < 1);
        if (shrinks && mode == ResizeMode.Nearest && scales.Any(scale => scale > 1))
            throw node.Unsupported("scales below and above 1", "scales on one side of 1");
        return new Resize
        {
            Sizes = sizes,
            Scales = kept,
            Mode = mode,
            Coordinates = ResizeCoordinates.Asymmetric,
            Rounding = shrinks ? ResizeRounding.Ceil : ResizeRounding.Floor,
        };
    }
}
