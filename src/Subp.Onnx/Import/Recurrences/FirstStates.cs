using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Onnx.Import.Recurrences;

/// <summary>Finds the first states and cells of each direction, initial_h and initial_c.</summary>
internal static class FirstStates
{
    /// <summary>What a direction reads behind its projected input: nothing, a state, or state and cells.</summary>
    /// <param name="node">The layer.</param>
    /// <param name="form">Its form.</param>
    /// <param name="direction">The direction, counted from 0.</param>
    /// <exception cref="Core.Diagnostics.SubpException">A shape does not fit.</exception>
    public static GraphValue[] Of(NodeContext node, RecurrentForm form, int direction)
    {
        var state = Find(node, form, direction, 5, "initial_h");
        if (form.Kind != RecurrenceKind.Lstm)
            return state is null ? [] : [state];
        var cells = Find(node, form, direction, 6, "initial_c");
        if (state is null && cells is null)
            return [];
        return [state ?? Zeros(node, form, "initial_h"), cells ?? Zeros(node, form, "initial_c")];
    }

    private static GraphValue? Find(NodeContext node, RecurrentForm form, int direction, int index, string role)
    {
        if (!node.HasInput(index))
            return null;
        var directions = form.Directions.Length;
        int[] expected = form.IsBatchFirst ? [form.Batch, directions, form.Hidden] : [directions, form.Batch, form.Hidden];
        if (!NodeContext.DimensionsOf(node.Input(index, role)).SequenceEqual(expected.Select(extent => (long)extent)))
            throw node.Unsupported(
                $"an {role} of shape [{string.Join(",", NodeContext.DimensionsOf(node.Input(index, role)))}]",
                $"[{string.Join(",", expected)}]"
            );
        // Frameworks write zeros where nothing is given.
        if (node.IsConstant(index) && node.Constant(index, role).ToFloats().All(value => value == 0))
            return null;
        var value = node.Value(index, role);
        if (directions > 1)
            value = node.EmitIntermediate(
                role,
                new Slice
                {
                    Axis = form.IsBatchFirst ? 1 : 0,
                    Begin = direction,
                    End = direction + 1,
                },
                value
            );
        return node.EmitIntermediate(role, new Reshape(form.Batch, form.Hidden), value);
    }

    private static GraphValue Zeros(NodeContext node, RecurrentForm form, string role) =>
        node.ComputedConstant(role, new TensorShape(form.Batch, form.Hidden), new float[form.Batch * form.Hidden]);
}
