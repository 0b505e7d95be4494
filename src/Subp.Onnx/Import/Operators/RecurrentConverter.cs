using Subp.Core.Operators;
using Subp.Onnx.Import.Recurrences;

namespace Subp.Onnx.Import.Operators;

/// <summary>
/// LSTM, GRU and RNN: for each direction a layer over all steps and the recurrence, whose results lie side by side.
/// </summary>
/// <param name="name">The ONNX operator.</param>
/// <param name="kind">What it is in the graph.</param>
internal sealed class RecurrentConverter(string name, RecurrenceKind kind) : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        name switch
        {
            "LSTM" => new(
                name,
                "linear and lstm for each direction, concat",
                "Any direction and layout, biases and first states, all outputs; constant weights, sequences of all steps; the usual "
                    + "activations, without clip, input_forget and peepholes."
            ),
            "GRU" => new(name, "linear and gru for each direction, concat", "As LSTM, with linear_before_reset 0 and 1."),
            _ => new(name, "linear and rnn for each direction, concat", "As LSTM; activations Tanh and Relu."),
        };

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(3, kind == RecurrenceKind.Lstm ? 8 : 6);
        var value = node.Value(0);
        var form = RecurrentForm.Read(node, kind, value.Shape);
        if (form.IsBatchFirst)
            value = node.EmitIntermediate("steps", new Transpose { Permutation = new[] { 1, 0, 2 } }, value);
        var keepsCell = kind == RecurrenceKind.Lstm && node.IsRead(2);
        GraphValue[] results =
        [
            .. form.Directions.Select(
                (isReverse, direction) =>
                {
                    var weights = new RecurrentWeights(node, form, direction);
                    var word = isReverse ? "reverse" : "forward";
                    var projected = node.EmitIntermediate($"{word}.projected", weights.Projection(), value);
                    GraphValue[] inputs = [projected, .. FirstStates.Of(node, form, direction)];
                    return node.EmitIntermediate(word, weights.Recurrence(keepsCell), inputs);
                }
            ),
        ];
        if (node.IsRead(0))
            DefineSequence(node, form, [.. results.Select(result => keepsCell ? Steps(node, result, 0, form.Steps) : result)]);
        if (node.IsRead(1))
            DefineLast(node, form, 1, results, isReverse => isReverse ? 0 : form.Steps - 1);
        if (keepsCell)
            DefineLast(node, form, 2, results, _ => form.Steps);
    }

    // [steps, batch, directions * hidden], seen as ONNX has it: exporters turn it back.
    private static void DefineSequence(NodeContext node, RecurrentForm form, GraphValue[] results)
    {
        var all = results.Length == 1 ? results[0] : node.EmitIntermediate("both", new Concat { Axis = 2 }, results);
        long[] split = [form.Steps, form.Batch, results.Length, form.Hidden];
        int[] order = form.IsBatchFirst ? [1, 0, 2, 3] : [0, 2, 1, 3];
        // Axes of extent 1 may move without any element moving.
        int[] moving = [.. order.Where(axis => split[axis] != 1)];
        node.DefineOutput(
            0,
            moving.SequenceEqual(moving.Order())
                ? ViewValue.Reshaped(all, [.. order.Select(axis => split[axis])])
                : new ViewValue(all, split, order)
        );
    }

    // [directions, batch, hidden] after the step that each direction computes last, or the batch first.
    private static void DefineLast(NodeContext node, RecurrentForm form, int output, GraphValue[] results, Func<bool, int> step)
    {
        GraphValue[] last = [.. results.Select((result, direction) => Steps(node, result, step(form.Directions[direction]), 1))];
        var all = last.Length == 1 ? last[0] : node.EmitIntermediate("last", new Concat { Axis = 0 }, last);
        node.DefineOutput(output, form.IsBatchFirst ? new ViewValue(all, all.Dimensions, [1, 0, 2]) : all);
    }

    private static GraphValue Steps(NodeContext node, GraphValue value, int first, int count) =>
        value.Shape[0] == count
            ? value
            : node.EmitIntermediate(
                "part",
                new Slice
                {
                    Axis = 0,
                    Begin = first,
                    End = first + count,
                },
                value
            );
}
