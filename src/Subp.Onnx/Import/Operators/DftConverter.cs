using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Onnx.Import.Fourier;

namespace Subp.Onnx.Import.Operators;

/// <summary>DFT: a layer whose weights are the matrix of the transform.</summary>
internal sealed class DftConverter : OperatorConverter
{
    private const int AxisInputOpset = 20;

    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(
            "DFT",
            "linear, between transpose and reshape",
            "Real and complex signals, a constant axis and length, at most 2^24 weights; of opset 20 not the inverse of half a spectrum."
        );

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        var hasAxisInput = node.Opset >= AxisInputOpset;
        node.RequireInputs(1, hasAxisInput ? 3 : 2);
        var value = node.Value(0, "signal");
        var shape = value.Shape;
        var rank = shape.Rank;
        if (rank < 2 || shape[rank - 1] is not (1 or 2))
            throw node.Unsupported($"a signal of shape {shape}", "[batch,...,1] of real or [batch,...,2] of complex samples");
        var given = hasAxisInput ? node.OptionalConstant(2, "axis")?.ToIntegers().Single() ?? -2 : node.Attributes.Integer("axis", 1);
        var axis = Axes.Normalize(node, given, rank);
        if (axis == rank - 1)
            throw node.Unsupported("the axis of real and imaginary parts", "another axis");

        var (samples, parts) = (shape[axis], shape[rank - 1]);
        var size = node.OptionalConstant(1, "length")?.ToIntegers().Single() ?? samples;
        var (isInverse, isHalf) = (node.Attributes.Switch("inverse", false), node.Attributes.Switch("onesided", false));
        if (isHalf && (isInverse || parts == 2))
            throw node.Unsupported(
                isInverse ? "an inverse with onesided = 1" : "complex samples with onesided = 1",
                "the whole spectrum, onesided = 0"
            );
        if (size is < 1 or > FourierMatrix.MostNumbers || 2 * size * parts * samples > FourierMatrix.MostNumbers)
            throw node.Unsupported(
                FormattableString.Invariant($"{samples} samples to {size} frequencies"),
                FormattableString.Invariant($"at least one, and at most {FourierMatrix.MostNumbers} numbers of the transform's matrix")
            );
        var transform = new FourierMatrix((int)size, isHalf ? FourierMatrix.HalfOf((int)size) : (int)size, isInverse);

        // The samples go to the end, real parts before imaginary ones.
        int[] order = [.. Enumerable.Range(0, rank - 1).Where(other => other != axis), rank - 1, axis];
        var turned = node.EmitIntermediate("turned", new Transpose { Permutation = order }, value);
        int[] outer = [.. order.Take(rank - 2).Select(other => shape[other])];
        var rows = outer.Aggregate(1, (product, extent) => product * extent);
        var flat = node.EmitIntermediate("samples", new Reshape(rows, parts * samples), turned);

        var numbers = transform.Rows(samples, parts);
        node.ChargeFolded(numbers.Length);
        var weight = node.ComputedParameter("transform", new TensorShape(2 * transform.Frequencies, parts * samples), numbers);
        var spectrum = node.EmitIntermediate("spectrum", new Linear { Weight = weight }, flat);
        var apart = node.EmitIntermediate("parts", new Reshape([.. outer, transform.Frequencies, 2]), spectrum);
        // The frequencies go where the samples were.
        List<int> back = [.. Enumerable.Range(0, rank - 2)];
        back.Insert(axis, rank - 2);
        back.Add(rank - 1);
        node.Emit(new Transpose { Permutation = back.ToArray() }, apart);
    }
}
