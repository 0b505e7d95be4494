using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Onnx.Import.Recurrences;

/// <summary>Declares the weights of one direction, of which ONNX has all directions in one constant.</summary>
/// <param name="node">The layer.</param>
/// <param name="form">Its form.</param>
/// <param name="direction">The direction, counted from 0.</param>
internal sealed class RecurrentWeights(NodeContext node, RecurrentForm form, int direction)
{
    private string Suffix => FormattableString.Invariant($"direction {direction} of {form.Directions.Length}");

    // The same biases are added in another way where a product is reset.
    private string Biased => $"{form.Kind}{(form.ResetsProduct ? " that resets the product" : "")}, {Suffix}";

    /// <summary>The layer that brings the features of all steps to the gates, with all biases that may be added there.</summary>
    public Linear Projection() =>
        new()
        {
            Weight = Part(1, "W", form.Features),
            Bias = node.HasInput(3)
                ? node.Parameter(node.Constant(3, "B"), $"sum of {Biased}", new TensorShape(form.Columns), InputBias)
                : null,
        };

    /// <summary>The recurrence.</summary>
    /// <param name="keepsCell">Whether the cells after the last step are asked for.</param>
    public Recurrence Recurrence(bool keepsCell) =>
        new()
        {
            Kind = form.Kind,
            Weight = Part(2, "R", form.Hidden),
            IsReverse = form.Directions[direction],
            KeepsCell = keepsCell,
            ResetsProduct = form.ResetsProduct,
            IsRelu = form.Kind == RecurrenceKind.Simple && form.AreRelu[direction],
            Bias =
                form.ResetsProduct && node.HasInput(3)
                    ? node.Parameter(node.Constant(3, "B"), $"product of {Biased}", new TensorShape(form.Hidden), ProductBias)
                    : null,
        };

    private string Part(int index, string role, int columns)
    {
        var length = form.Columns * columns;
        return node.Parameter(
            node.Constant(index, role),
            Suffix,
            new TensorShape(form.Columns, columns),
            values => values.AsSpan(direction * length, length).ToArray()
        );
    }

    // The biases of W and R of a gate are one number, but for the product that a reset gate multiplies.
    private float[] InputBias(float[] values)
    {
        var (ofInput, ofState) = Biases(values);
        var separate = form.ResetsProduct ? form.Hidden : 0;
        for (var index = 0; index < form.Columns - separate; index++)
            ofInput[index] += ofState[index];
        return ofInput;
    }

    private float[] ProductBias(float[] values) => Biases(values).OfState[(form.Columns - form.Hidden)..];

    private (float[] OfInput, float[] OfState) Biases(float[] values)
    {
        var start = direction * 2 * form.Columns;
        return (values.AsSpan(start, form.Columns).ToArray(), values.AsSpan(start + form.Columns, form.Columns).ToArray());
    }
}
