namespace Subp.Core.Operators;

/// <summary>
/// The coefficients of a <see cref="Resize"/> along one axis: which input indices make an output index, with which weights. They follow
/// from
/// extents and attributes alone.
/// </summary>
public sealed class ResizeTaps
{
    private readonly Resize _resize;
    private readonly int _axis;
    private readonly int _input;
    private readonly int _output;
    private readonly float _scale;

    private ResizeTaps(Resize resize, int axis, int input)
    {
        (_resize, _axis, _input, _output) = (resize, axis, input, resize.Sizes[axis]);
        _scale = resize.Scales.Count > 0 ? resize.Scales[axis] : (float)_output / input;
    }

    /// <summary>The taps of every output index along one axis; none where the element is <see cref="Resize.Outside"/>.</summary>
    /// <param name="resize">The operator.</param>
    /// <param name="axis">The axis, counted from 0.</param>
    /// <param name="input">The extent of the input along it.</param>
    public static IReadOnlyList<(int Index, double Weight)>[] Of(Resize resize, int axis, int input)
    {
        var taps = new ResizeTaps(resize, axis, input);
        var all = new IReadOnlyList<(int, double)>[taps._output];
        for (var index = 0; index < all.Length; index++)
            all[index] = taps.At(index);
        return all;
    }

    /// <summary>True where an axis is copied: every output index is made of the input index of the same number alone.</summary>
    public static bool IsIdentity(IReadOnlyList<(int Index, double Weight)>[] taps, int input)
    {
        if (taps.Length != input)
            return false;
        for (var index = 0; index < taps.Length; index++)
        {
            if (taps[index].Count != 1 || taps[index][0] != (index, 1.0))
                return false;
        }

        return true;
    }

    private IReadOnlyList<(int Index, double Weight)> At(int index)
    {
        var position = Position(index);
        if (_resize.Coordinates == ResizeCoordinates.TfCropAndResize && (position < 0 || position > _input - 1))
            return [];
        return _resize.Mode switch
        {
            ResizeMode.Nearest => [(Math.Min(Math.Max(Nearest(position), 0), _input - 1), 1)],
            ResizeMode.Linear when !IsStretched => Linear(position),
            ResizeMode.Linear => Kernel(position, 1, distance => 1 - distance),
            _ => Kernel(position, 2, Cubic),
        };
    }

    private bool IsStretched => _resize.IsAntialiased && _scale < 1;

    // In single precision, step by step as ONNX Runtime computes it: a position halfway between two samples must come out halfway.
    private float Position(int index)
    {
        float x = index;
        switch (_resize.Coordinates)
        {
            case ResizeCoordinates.HalfPixelSymmetric:
                var adjustment = (float)(_output / (float)(_scale * _input));
                var offset = (float)((float)(_input / 2f) * (float)(1 - adjustment));
                return (float)(offset + HalfPixel(x));
            case ResizeCoordinates.PytorchHalfPixel:
                return _output > 1 ? HalfPixel(x) : 0;
            case ResizeCoordinates.AlignCorners:
                return _output == 1 ? 0 : (float)((float)(x * (_input - 1)) / (_output - 1));
            case ResizeCoordinates.Asymmetric:
                return (float)(x / _scale);
            case ResizeCoordinates.TfHalfPixelForNn:
                return (float)((float)(x + 0.5f) / _scale);
            case ResizeCoordinates.TfCropAndResize:
                var (start, end) = (_resize.Region[_axis], _resize.Region[_axis + (_resize.Region.Count / 2)]);
                return _output > 1
                    ? (float)((float)(start * (_input - 1)) + (float)((float)(x * (float)(end - start) * (_input - 1)) / (_output - 1)))
                    : (float)(0.5f * (float)(start + end) * (_input - 1));
            default:
                return HalfPixel(x);
        }
    }

    private float HalfPixel(float x) => (float)((float)((float)(x + 0.5f) / _scale) - 0.5f);

    private int Nearest(float position) =>
        (int)(
            _resize.Rounding switch
            {
                ResizeRounding.PreferFloor => Math.Ceiling(position - 0.5),
                ResizeRounding.PreferCeil => Math.Floor(position + 0.5),
                ResizeRounding.Floor => Math.Floor(position),
                _ => Math.Ceiling(position),
            }
        );

    private IReadOnlyList<(int Index, double Weight)> Linear(float position)
    {
        var clamped = Math.Min(Math.Max(position, 0f), _input - 1);
        var lower = (int)clamped;
        var share = (double)clamped - lower;
        return share == 0 ? [(lower, 1)] : [(lower, 1 - share), (lower + 1, share)];
    }

    // A kernel that is zero from a reach on, stretched where the value shrinks; the edge is repeated, or has no weight.
    private List<(int Index, double Weight)> Kernel(float position, int reach, Func<double, double> weightAt)
    {
        var stretch = IsStretched ? _scale : 1.0;
        var excludes = _resize.ExcludesOutside;
        var weights = new SortedDictionary<int, double>();
        var sum = 0.0;
        for (var sample = (long)Math.Floor(position - (reach / stretch)); sample <= Math.Ceiling(position + (reach / stretch)); sample++)
        {
            var distance = Math.Abs((sample - position) * stretch);
            if (distance >= reach || (excludes && (sample < 0 || sample >= _input)))
                continue;
            var weight = weightAt(distance);
            var index = (int)Math.Min(Math.Max(sample, 0), _input - 1);
            weights[index] = (weights.TryGetValue(index, out var before) ? before : 0) + weight;
            sum += weight;
        }

        return [.. weights.Where(tap => tap.Value != 0).Select(tap => (tap.Key, tap.Value / sum))];
    }

    // R. Keys, "Cubic convolution interpolation for digital image processing", 1981.
    private double Cubic(double distance)
    {
        double a = _resize.CubicCoefficient;
        return distance <= 1
            ? ((((a + 2) * distance) - (a + 3)) * distance * distance) + 1
            : ((((a * distance) - (5 * a)) * distance + (8 * a)) * distance) - (4 * a);
    }
}
