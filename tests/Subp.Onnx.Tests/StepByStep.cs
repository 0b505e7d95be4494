using Subp.Core.Operators;

namespace Subp.Onnx.Tests;

/// <summary>
/// Computes steps such as "Mul x half h; Add h x y" one after the other in doubles, without the importer. Values have the shape of x, one
/// element per row of it, one row, or one element.
/// </summary>
internal static class StepByStep
{
    public static double[] Run(int[] shape, string steps, float[] input, Func<string, float[]> constant)
    {
        var row = shape[^1];
        var values = new Dictionary<string, double[]>(StringComparer.Ordinal) { ["x"] = Widen(input) };
        foreach (var step in steps.Split("; "))
        {
            var words = step.Split(' ');
            var operands = words[1..^1].Select(name => values.TryGetValue(name, out var known) ? known : Widen(constant(name))).ToArray();
            values[words[^1]] = words[0] == "ReduceMean" ? Means(operands[0], row) : Elementwise(words[0], operands, input.Length, row);
        }

        return values["y"];
    }

    private static double[] Elementwise(string type, double[][] operands, int count, int row)
    {
        // What has one element per row stays so.
        var length = operands.Max(operand => operand.Length == row && count != row ? count : operand.Length);
        var result = new double[length];
        for (var index = 0; index < length; index++)
        {
            double Operand(int operand)
            {
                var values = operands[operand];
                return values.Length == length ? values[index]
                    : values.Length == 1 ? values[0]
                    : values.Length == count / row && length == count ? values[index / row]
                    : values[index % row];
            }

            result[index] = type switch
            {
                "Add" => Operand(0) + Operand(1),
                "Sub" => Operand(0) - Operand(1),
                "Mul" => Operand(0) * Operand(1),
                "Div" => Operand(0) / Operand(1),
                "Pow" => Math.Pow(Operand(0), Operand(1)),
                "Sqrt" => Math.Sqrt(Operand(0)),
                "Reciprocal" => 1 / Operand(0),
                "Tanh" => Math.Tanh(Operand(0)),
                "Erf" => Activation.Of(ActivationKind.Erf).Apply(Operand(0)),
                _ => throw new InvalidOperationException(type),
            };
        }

        return result;
    }

    private static double[] Means(double[] values, int row) => [.. values.Chunk(row).Select(elements => elements.Average())];

    private static double[] Widen(float[] values) => [.. values.Select(value => (double)value)];
}
