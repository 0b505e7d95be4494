using Subp.Core.Graphs;

namespace Subp.Core.Operators;

/// <summary>
/// Samples a value at other distances along any of its axes, with the definitions of ONNX Resize. It is a linear map along one axis after
/// the other; <see cref="ResizeTaps"/> gives its coefficients.
/// </summary>
public sealed record Resize : Operator
{
    private static readonly string[] Modes = ["nearest", "linear", "cubic"];

    private static readonly string[] CoordinateModes =
    [
        "half_pixel",
        "half_pixel_symmetric",
        "pytorch_half_pixel",
        "align_corners",
        "asymmetric",
        "tf_half_pixel_for_nn",
        "tf_crop_and_resize",
    ];

    private static readonly string[] Roundings = ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"];

    /// <summary>The dimensions of the result.</summary>
    public required EquatableList<int> Sizes { get; init; }

    /// <summary>
    /// The factor per axis by which coordinates are divided, where it is another than the quotient of the extents; empty for the quotients.
    /// </summary>
    public EquatableList<float> Scales { get; init; } = EquatableList<float>.Empty;

    /// <summary>How elements between samples are made.</summary>
    public ResizeMode Mode { get; init; }

    /// <summary>How a position in the result becomes one in the input.</summary>
    public ResizeCoordinates Coordinates { get; init; }

    /// <summary>Nearest mode only: how a position becomes an index.</summary>
    public ResizeRounding Rounding { get; init; }

    /// <summary>Cubic mode only: the coefficient a of the kernel of Keys.</summary>
    public float CubicCoefficient { get; init; } = -0.75f;

    /// <summary>
    /// Cubic mode only: samples outside the input have no weight, and the others share it, instead of repeating the edge.
    /// </summary>
    public bool ExcludesOutside { get; init; }

    /// <summary>Linear and cubic mode: the kernel is stretched when the value shrinks, so that every element has a share.</summary>
    public bool IsAntialiased { get; init; }

    /// <summary>
    /// <see cref="ResizeCoordinates.TfCropAndResize"/> only: the part of each axis that is sampled, in fractions of its extent; all starts,
    /// then all ends.
    /// </summary>
    public EquatableList<float> Region { get; init; } = EquatableList<float>.Empty;

    /// <summary><see cref="ResizeCoordinates.TfCropAndResize"/> only: the value of elements outside the input.</summary>
    public float Outside { get; init; }

    /// <inheritdoc/>
    public override string Mnemonic => "resize";

    /// <inheritdoc/>
    public override TensorShape InferShape(ShapeContext context)
    {
        var shape = context.Inputs[0];
        if (Sizes.Count != shape.Rank)
            throw context.Error($"sizes = [{string.Join(",", Sizes)}] for an input of shape {shape}", "one size per dimension");
        if (Scales.Count != 0 && (Scales.Count != shape.Rank || !Scales.All(scale => scale > 0 && !float.IsInfinity(scale))))
            throw context.Error("scales that do not fit the dimensions", "one positive number per dimension");
        var isCrop = Coordinates == ResizeCoordinates.TfCropAndResize;
        if (Region.Count != (isCrop ? 2 * shape.Rank : 0))
            throw context.Error(
                FormattableString.Invariant($"a region of {Region.Count} numbers"),
                "two numbers per dimension with coordinates=tf_crop_and_resize, else none"
            );
        return new TensorShape([.. Sizes]);
    }

    /// <inheritdoc/>
    public override TensorType InferType(TypeContext context) =>
        Mode == ResizeMode.Nearest && Coordinates != ResizeCoordinates.TfCropAndResize ? context.SameAsInput() : context.AllFloat();

    /// <inheritdoc/>
    public override void WriteAttributes(IAttributeWriter writer)
    {
        writer.Write("sizes", [.. Sizes]);
        if (Scales.Count > 0)
            writer.WriteReals("scales", Scales);
        if (Mode != ResizeMode.Nearest)
            writer.Write("mode", Modes[(int)Mode]);
        if (Coordinates != ResizeCoordinates.HalfPixel)
            writer.Write("coordinates", CoordinateModes[(int)Coordinates]);
        if (Rounding != ResizeRounding.PreferFloor)
            writer.Write("rounding", Roundings[(int)Rounding]);
        if (CubicCoefficient != -0.75f)
            writer.Write("cubic", CubicCoefficient);
        if (ExcludesOutside)
            writer.Write("exclude_outside", 1);
        if (IsAntialiased)
            writer.Write("antialias", 1);
        if (Region.Count > 0)
            writer.WriteReals("region", Region);
        if (Outside != 0)
            writer.Write("outside", Outside);
    }

    /// <summary>Reads the word of a mode, as ONNX spells it, or null where it is none.</summary>
    public static ResizeMode? ParseMode(string word) => Parse<ResizeMode>(Modes, word);

    /// <summary>Reads the word of a coordinate transformation, as ONNX spells it, or null where it is none.</summary>
    public static ResizeCoordinates? ParseCoordinates(string word) => Parse<ResizeCoordinates>(CoordinateModes, word);

    /// <summary>Reads the word of a rounding, as ONNX spells it, or null where it is none.</summary>
    public static ResizeRounding? ParseRounding(string word) => Parse<ResizeRounding>(Roundings, word);

    /// <summary>The words of mode, coordinate transformation and rounding, as ONNX spells them.</summary>
    public (string Mode, string Coordinates, string Rounding) Spelled =>
        (Modes[(int)Mode], CoordinateModes[(int)Coordinates], Roundings[(int)Rounding]);

    private static T? Parse<T>(string[] words, string word)
        where T : struct, Enum => Array.IndexOf(words, word) is >= 0 and var index ? (T)Enum.ToObject(typeof(T), index) : null;

    internal static Operator Read(IAttributeReader reader) =>
        new Resize
        {
            Sizes = reader.Integers("sizes"),
            Scales = reader.OptionalReals("scales") ?? [],
            Mode = ParseMode(reader.Word("mode", Modes) ?? "nearest")!.Value,
            Coordinates = ParseCoordinates(reader.Word("coordinates", CoordinateModes) ?? "half_pixel")!.Value,
            Rounding = ParseRounding(reader.Word("rounding", Roundings) ?? "round_prefer_floor")!.Value,
            CubicCoefficient = reader.Real("cubic", -0.75f),
            ExcludesOutside = reader.Integer("exclude_outside", 0) != 0,
            IsAntialiased = reader.Integer("antialias", 0) != 0,
            Region = reader.OptionalReals("region") ?? [],
            Outside = reader.Real("outside", 0),
        };
}
