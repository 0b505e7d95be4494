using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Onnx.Import.Fourier;

namespace Subp.Onnx.Import.Operators;

/// <summary>STFT: a convolution along the signal whose filters are the waves of the transform times the window.</summary>
internal sealed class StftConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(
            "STFT",
            "conv2d on an image of one row, between transpose and reshape",
            "Real and complex signals; a constant step, window and length; half of the spectrum or all of it; at most 2^24 weights."
        );

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(2, 4);
        var value = node.Value(0, "signal");
        if (value.Shape.Rank is not (2 or 3) || (value.Shape.Rank == 3 && value.Shape[2] is not (1 or 2)))
            throw node.Unsupported(
                $"a signal of shape {value.Shape}",
                "[batch,samples], [batch,samples,1] or, of complex samples, [batch,samples,2]"
            );
        var (batch, samples, parts) = (value.Shape[0], value.Shape[1], value.Shape.Rank == 3 ? value.Shape[2] : 1);
        var step = node.Constant(1, "step").ToIntegers().Single();
        var window = node.OptionalConstant(2, "window")?.ToFloats();
        var length = node.OptionalConstant(3, "length")?.ToIntegers().Single() ?? window?.Length ?? 0;
        if (window is not null && window.Length != length)
            throw node.Unsupported(
                FormattableString.Invariant($"a window of {window.Length} for frames of {length}"),
                "as many factors as samples"
            );
        if (step < 1 || length < 1 || length > samples)
            throw node.Unsupported(
                FormattableString.Invariant($"frames of {length} samples, a step of {step}"),
                FormattableString.Invariant($"frames of 1 to {samples} samples, the length of the signal, and a step of at least 1")
            );
        var isHalf = node.Attributes.Switch("onesided", true);
        if (isHalf && parts == 2)
            throw node.Unsupported("complex samples with onesided = 1", "the whole spectrum, onesided = 0");
        if (length > FourierMatrix.MostNumbers || 2 * length * parts * length > FourierMatrix.MostNumbers)
            throw node.Unsupported(
                FormattableString.Invariant($"frames of {length} samples"),
                FormattableString.Invariant($"filters of at most {FourierMatrix.MostNumbers} numbers")
            );
        var transform = new FourierMatrix((int)length, isHalf ? FourierMatrix.HalfOf((int)length) : (int)length);

        var row = parts == 1 ? value : node.EmitIntermediate("turned", new Transpose { Permutation = new[] { 0, 2, 1 } }, value);
        var image = node.EmitIntermediate("row", new Reshape(batch, parts, 1, samples), row);
        var numbers = transform.Rows((int)length, parts, window);
        node.ChargeFolded(numbers.Length);
        var spectrum = node.EmitIntermediate(
            "spectrum",
            new Conv2d
            {
                Weight = node.ComputedParameter("waves", new TensorShape(2 * transform.Frequencies, parts, 1, (int)length), numbers),
                Window = new Window(new Extent(1, (int)length), new Extent(1, (int)Math.Min(step, samples)), Padding.None, Extent.One),
            },
            image
        );
        var frames = spectrum.Shape[3];
        var apart = node.EmitIntermediate("parts", new Reshape(batch, transform.Frequencies, 2, frames), spectrum);
        node.Emit(new Transpose { Permutation = new[] { 0, 3, 1, 2 } }, apart);
    }
}
