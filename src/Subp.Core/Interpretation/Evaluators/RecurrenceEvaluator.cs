using Subp.Core.Operators;

namespace Subp.Core.Interpretation.Evaluators;

/// <summary>Recurrent layers: one step of one sequence after the other, by the definitions of <see cref="Recurrence"/>.</summary>
internal static class RecurrenceEvaluator
{
    public static void Evaluate(Recurrence recurrence, Arguments arguments)
    {
        var shape = arguments.InputShape();
        var (steps, batch, hidden) = (shape[0], shape[1], arguments.OutputShape[2]);
        var (input, output) = (arguments.Input(), arguments.Output);
        var gates = new double[recurrence.Gates * hidden];
        for (var sequence = 0; sequence < batch; sequence++)
        {
            var state = First(arguments, 1, sequence, hidden);
            var cells = First(arguments, 2, sequence, hidden);
            for (var step = 0; step < steps; step++)
            {
                var row = ((recurrence.IsReverse ? steps - 1 - step : step) * batch) + sequence;
                Array.Copy(input, row * gates.Length, gates, 0, gates.Length);
                state = recurrence.Kind switch
                {
                    RecurrenceKind.Lstm => Lstm(recurrence, arguments, gates, state, cells),
                    RecurrenceKind.Gru => Gru(recurrence, arguments, gates, state),
                    _ => Simple(recurrence, arguments, gates, state),
                };
                state.CopyTo(output, row * hidden);
            }

            if (arguments.OutputShape[0] > steps)
                cells.CopyTo(output, ((steps * batch) + sequence) * hidden);
        }
    }

    private static double[] First(Arguments arguments, int index, int sequence, int hidden)
    {
        var first = new double[hidden];
        if (index < arguments.InputCount)
            Array.Copy(arguments.Input(index), sequence * hidden, first, 0, hidden);
        return first;
    }

    // The cells are changed where they lie.
    private static double[] Lstm(Recurrence lstm, Arguments arguments, double[] gates, double[] state, double[] cells)
    {
        var hidden = state.Length;
        AddProducts(arguments.Parameter(lstm.Weight), 0, gates, gates.Length, state);
        var next = new double[hidden];
        for (var unit = 0; unit < hidden; unit++)
        {
            var (enter, leave) = (Sigmoid(gates[unit]), Sigmoid(gates[hidden + unit]));
            var keep = Sigmoid(gates[(2 * hidden) + unit]);
            cells[unit] = (keep * cells[unit]) + (enter * Math.Tanh(gates[(3 * hidden) + unit]));
            next[unit] = leave * Math.Tanh(cells[unit]);
        }

        return next;
    }

    private static double[] Gru(Recurrence gru, Arguments arguments, double[] gates, double[] state)
    {
        var hidden = state.Length;
        var weight = arguments.Parameter(gru.Weight);
        AddProducts(weight, 0, gates, 2 * hidden, state);
        for (var gate = 0; gate < 2 * hidden; gate++)
            gates[gate] = Sigmoid(gates[gate]);
        var product = new double[hidden];
        if (gru.ResetsProduct)
        {
            var bias = arguments.OptionalParameter(gru.Bias);
            for (var unit = 0; unit < hidden; unit++)
                product[unit] = bias?[unit] ?? 0;
            AddProducts(weight, 2 * hidden, product, hidden, state);
            for (var unit = 0; unit < hidden; unit++)
                product[unit] *= gates[hidden + unit];
        }
        else
        {
            var reset = new double[hidden];
            for (var unit = 0; unit < hidden; unit++)
                reset[unit] = gates[hidden + unit] * state[unit];
            AddProducts(weight, 2 * hidden, product, hidden, reset);
        }

        var next = new double[hidden];
        for (var unit = 0; unit < hidden; unit++)
        {
            var candidate = Math.Tanh(gates[(2 * hidden) + unit] + product[unit]);
            next[unit] = ((1 - gates[unit]) * candidate) + (gates[unit] * state[unit]);
        }

        return next;
    }

    private static double[] Simple(Recurrence layer, Arguments arguments, double[] gates, double[] state)
    {
        AddProducts(arguments.Parameter(layer.Weight), 0, gates, gates.Length, state);
        var activation = layer.IsRelu ? Activation.Relu : Activation.Of(ActivationKind.Tanh);
        return Array.ConvertAll(gates, activation.Apply);
    }

    private static void AddProducts(float[] weight, int firstRow, double[] sums, int count, double[] state)
    {
        for (var row = 0; row < count; row++)
        {
            for (var source = 0; source < state.Length; source++)
                sums[row] += weight[((firstRow + row) * state.Length) + source] * state[source];
        }
    }

    private static double Sigmoid(double x) => Activation.Sigmoid.Apply(x);
}
