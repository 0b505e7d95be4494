using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Onnx.Protos;

namespace Subp.Onnx.Export;

/// <summary>
/// Writes recurrences as LSTM, GRU and RNN of one direction. The layer that computes the gates of all steps becomes part of the node where
/// nothing else reads it; otherwise the node has the identity in its place.
/// </summary>
internal static class RecurrenceWriter
{
    /// <summary>True for a layer that becomes part of the recurrence behind it and is not written itself.</summary>
    public static bool IsProjection(GraphWriter writer, GraphNode node) =>
        node.Operator is Linear { WeightScale: null } linear
        && linear.Activation == Activation.None
        && writer.SoleReader(node.Name) is { Operator: Recurrence } reader
        && reader.Inputs[0] == node.Name
        && reader.Inputs.Count(input => input == node.Name) == 1;

    /// <summary>Writes one recurrence.</summary>
    public static void Write(GraphWriter writer, GraphNode node, Recurrence recurrence)
    {
        var source = writer.Producer(node.Inputs[0]);
        var projection = source is not null && IsProjection(writer, source) ? (Linear)source.Operator : null;
        var hidden = node.Shape[2];
        var columns = recurrence.Gates * hidden;
        var projected = writer.ShapeOf(node.Inputs[0]);

        // [directions, ..] in front of everything that ONNX has for each direction.
        string Direction(string value, string role, params long[] shape)
        {
            var name = writer.UniqueName($"{node.Name}.{role}");
            writer.Node("Reshape", [value, writer.Integers($"{name}.shape", [1, .. shape])], name);
            return name;
        }

        var weight = projection is null
            ? writer.Constant($"{node.Name}.identity", new TensorShape(columns, columns), Identity(columns))
            : writer.Parameter(projection.Weight);
        var features = projection is null ? columns : writer.ParameterShape(projection.Weight)[1];
        List<string> inputs =
        [
            projection is null ? node.Inputs[0] : source!.Inputs[0],
            Direction(weight, "W", columns, features),
            Direction(writer.Parameter(recurrence.Weight), "R", columns, hidden),
        ];
        var bias = Bias(writer, node, recurrence, projection?.Bias);
        inputs.Add(bias is null ? "" : Direction(bias, "B", 2L * columns));
        if (node.Inputs.Count > 1)
        {
            // No lengths of sequences.
            inputs.Add("");
            inputs.AddRange(node.Inputs.Skip(1).Select(state => Direction(state, "first", projected[1], hidden)));
        }

        while (inputs[^1].Length == 0)
            inputs.RemoveAt(inputs.Count - 1);
        WriteNode(writer, node, recurrence, inputs, [projected[0], projected[1], hidden]);
    }

    private static void WriteNode(GraphWriter writer, GraphNode node, Recurrence recurrence, List<string> inputs, long[] shape)
    {
        List<AttributeProto> attributes = [Attributes.Integer("hidden_size", shape[2])];
        if (recurrence.IsReverse)
            attributes.Add(Attributes.Text("direction", "reverse"));
        if (recurrence.ResetsProduct)
            attributes.Add(Attributes.Integer("linear_before_reset", 1));
        if (recurrence.IsRelu)
            attributes.Add(Attributes.Texts("activations", "Relu"));
        var all = writer.UniqueName($"{node.Name}.Y");
        var type = recurrence.Kind switch
        {
            RecurrenceKind.Lstm => "LSTM",
            RecurrenceKind.Gru => "GRU",
            _ => "RNN",
        };
        var (states, cells) = (recurrence.KeepsCell ? writer.UniqueName($"{node.Name}.states") : node.Name, "");
        if (recurrence.KeepsCell)
            cells = writer.UniqueName($"{node.Name}.Y_c");
        writer.Node(type, inputs, recurrence.KeepsCell ? [all, "", cells] : [all], attributes);
        writer.Node("Reshape", [all, writer.Integers($"{node.Name}.shape", shape)], states);
        if (recurrence.KeepsCell)
            writer.Node("Concat", [states, cells], node.Name, Attributes.Integer("axis", 0));
    }

    // The biases of all gates for the input, then those for the state; null where all are zero.
    private static string? Bias(GraphWriter writer, GraphNode node, Recurrence recurrence, string? input)
    {
        if (input is null && recurrence.Bias is null)
            return null;
        var hidden = node.Shape[2];
        var columns = recurrence.Gates * hidden;
        string Zeros(int count) => writer.Constant($"{node.Name}.zeros", new TensorShape(count), new float[count]);
        string[] parts =
        [
            input is null ? Zeros(columns) : writer.Parameter(input),
            .. recurrence.Bias is null ? (string[])[Zeros(columns)] : [Zeros(columns - hidden), writer.Parameter(recurrence.Bias)],
        ];
        var name = writer.UniqueName($"{node.Name}.biases");
        writer.Node("Concat", parts, name, Attributes.Integer("axis", 0));
        return name;
    }

    private static float[] Identity(int size)
    {
        var values = new float[size * size];
        for (var index = 0; index < size; index++)
            values[(index * size) + index] = 1;
        return values;
    }
}
