using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Onnx.Import.GridSampling;

/// <summary>
/// What a grid's coordinates along one axis of an image become: the indices of pixels and their weights, as element-wise steps of the
/// graph. Coordinates go from -1 to 1, the centres of the outermost pixels where corners are aligned and their outer edges otherwise;
/// roundings are in the order of ONNX Runtime, so that the nearest pixel is the same one.
/// </summary>
/// <param name="node">The node.</param>
/// <param name="name">The axis, in the names of the steps.</param>
/// <param name="extent">The pixels of the image along the axis, without a rim of zeros.</param>
/// <param name="alignsCorners">Whether corners are aligned.</param>
/// <param name="padding">What lies beyond the edge.</param>
internal sealed class SamplingAxis(NodeContext node, string name, int extent, bool alignsCorners, GridPadding padding)
{
    // The slope of the cubic convolution at its first zero.
    private const float Slope = -0.75f;

    // Far beyond every image, and finite whatever it is multiplied by.
    private const float Furthest = 1e30f;

    /// <summary>The pixels of each sample: their indices, and their weights, null where the only one weighs 1.</summary>
    /// <param name="coordinates">The coordinates.</param>
    /// <param name="interpolation">How many there are.</param>
    public IReadOnlyList<(GraphValue Index, GraphValue? Weight)> Pixels(GraphValue coordinates, GridInterpolation interpolation)
    {
        var place = Place(coordinates);
        if (interpolation == GridInterpolation.Nearest)
            return [Pixel(Emit("nearest", ActivationKind.Round, place), weight: null)];
        var first = Emit("first", ActivationKind.Floor, place);
        // How far behind the first pixel, and how far in front of the second one.
        var behind = Binary("behind", BinaryKind.Subtract, place, first);
        var before = Binary("before", BinaryKind.Subtract, Constant(1), behind);
        return interpolation == GridInterpolation.Linear
            ? [Pixel(first, before), Pixel(Plus(first, 1), behind)]
            :
            [
                Pixel(Plus(first, -1), Outer(behind)),
                Pixel(first, Inner(behind)),
                Pixel(Plus(first, 1), Inner(before)),
                Pixel(Plus(first, 2), Outer(before)),
            ];
    }

    // In pixels, of which the first has its centre at 0.
    private GraphValue Place(GraphValue coordinates)
    {
        // Infinity has no place between two mirrors, and times zero none at all.
        if (padding == GridPadding.Reflection || (alignsCorners && extent == 1))
            coordinates = Clamp(coordinates, -Furthest, Furthest);
        var moved = Plus(coordinates, 1);
        var place = alignsCorners ? Times(Times(moved, 0.5f), extent - 1) : Times(Plus(Times(moved, extent), -1), 0.5f);
        // Further away everything is alike: all pixels of a sample are zeros, or the same one of the border. Infinite coordinates have
        // finite weights so. As in PyTorch and ONNX Runtime it is pixels that are kept within the border, not what they are weighted by.
        return padding == GridPadding.Reflection ? place : Clamp(place, -3, extent + 2);
    }

    private (GraphValue Index, GraphValue? Weight) Pixel(GraphValue place, GraphValue? weight) =>
        padding switch
        {
            // The image has a rim of zeros, one pixel wide: all that lies further away is like it.
            GridPadding.Zeros => (Clamp(Plus(place, 1), 0, extent + 1), weight),
            GridPadding.Reflection => (Clamp(Reflected(place), 0, extent - 1), weight),
            _ => (Clamp(place, 0, extent - 1), weight),
        };

    // The mirrors are at the outermost centres or edges. From one of them on, a place goes there and back.
    private GraphValue Reflected(GraphValue place)
    {
        var (mirror, span) = alignsCorners ? (0f, extent - 1) : (-0.5f, extent);
        if (span == 0)
            return place;
        var distance = Emit("distance", ActivationKind.Abs, Plus(place, -mirror));
        var ofTurn = Binary("turn", BinaryKind.Remainder, distance, Constant(2 * span));
        var fromEnd = Emit("end", ActivationKind.Abs, Plus(ofTurn, -span));
        return Binary("reflected", BinaryKind.Subtract, Constant(span + mirror), fromEnd);
    }

    // The weight of the nearer two: ((a + 2) d - (a + 3)) d d + 1 at the distance d.
    private GraphValue Inner(GraphValue distance) =>
        Plus(Product(Plus(Times(distance, Slope + 2), -(Slope + 3)), Product(distance, distance)), 1);

    // That of the other two: ((a d - 5 a) d + 8 a) d - 4 a, a pixel further away.
    private GraphValue Outer(GraphValue distance)
    {
        var further = Plus(distance, 1);
        var square = Plus(Product(Plus(Times(further, Slope), -5 * Slope), further), 8 * Slope);
        return Plus(Product(square, further), -4 * Slope);
    }

    private GraphValue Plus(GraphValue value, float summand) => summand == 0 ? value : Emit("sum", new Add(), value, Constant(summand));

    private GraphValue Times(GraphValue value, float factor) => Emit("scaled", new Mul(), value, Constant(factor));

    private GraphValue Product(GraphValue left, GraphValue right) => Emit("product", new Mul(), left, right);

    private GraphValue Clamp(GraphValue value, float least, float most) =>
        Emit("clamped", new Activate(new Activation(least, most)), value);

    private GraphValue Constant(float number) => node.ComputedConstant(name + ".constant", new TensorShape(1), number);

    private GraphValue Binary(string step, BinaryKind kind, GraphValue left, GraphValue right) =>
        Emit(step, new Binary { Kind = kind }, left, right);

    private GraphValue Emit(string step, ActivationKind kind, GraphValue value) => Emit(step, new Activate(Activation.Of(kind)), value);

    private GraphValue Emit(string step, Operator @operator, params GraphValue[] inputs) =>
        node.EmitIntermediate($"{name}.{step}", @operator, inputs);
}
