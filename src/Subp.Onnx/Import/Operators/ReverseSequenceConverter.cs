using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>ReverseSequence: the first elements of every sequence in reverse, as many as a constant says.</summary>
internal sealed class ReverseSequenceConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new("ReverseSequence", "gather, between two reshapes for sequences of unequal lengths", "Constant lengths.");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(2, 2);
        var value = node.ValueOfAnyKind(0);
        if (value.Shape.Rank < 2)
            throw node.Unsupported($"an input of shape {value.Shape}", "at least two dimensions");
        var batchAxis = node.Attributes.Integer("batch_axis", 1, 0, 1);
        var timeAxis = node.Attributes.Integer("time_axis", 0, 0, 1);
        if (batchAxis == timeAxis)
            throw node.Attributes.Invalid(
                FormattableString.Invariant($"time_axis and batch_axis = {timeAxis}"),
                "0 for one and 1 for the other"
            );
        var (batch, steps) = (value.Shape[batchAxis], value.Shape[timeAxis]);
        long[] lengths = node.Constant(1, "lengths").ToIntegers();
        if (lengths.Length != batch || lengths.Any(length => length < 1 || length > steps))
            throw node.Unsupported(
                $"the lengths [{string.Join(",", lengths)}]",
                FormattableString.Invariant($"{batch} of 1 to {steps}, one for each sequence")
            );

        int Source(int step, int sequence) => step < lengths[sequence] ? (int)lengths[sequence] - 1 - step : step;
        if (lengths.All(length => length == lengths[0]))
        {
            node.Emit(
                new Gather { Axis = timeAxis, Indices = Enumerable.Range(0, steps).Select(step => Source(step, 0)).ToArray() },
                value
            );
            return;
        }

        // Both axes as one, whose elements are steps of sequences.
        var places = new int[batch * steps];
        for (var place = 0; place < places.Length; place++)
        {
            var (first, second) = (place / value.Shape[1], place % value.Shape[1]);
            places[place] = timeAxis == 0 ? (Source(first, second) * batch) + second : (first * steps) + Source(second, first);
        }

        var joined = node.EmitIntermediate("joined", new Reshape([places.Length, .. value.Shape.Dimensions.Skip(2)]), value);
        node.EmitAs(
            value.Kind,
            new Reshape(value.Shape.Dimensions),
            node.EmitIntermediate("reversed", new Gather { Axis = 0, Indices = places }, joined)
        );
    }
}
