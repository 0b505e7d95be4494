using Subp.Core.Interpretation;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Tooling.Inputs;

namespace Subp.Tooling.Quantizing;

/// <summary>How far every value of a network of bytes is from the value of the same name of the network of floats.</summary>
internal static class LayerErrors
{
    /// <summary>Runs both networks by the reference interpreter.</summary>
    /// <returns>By node: the length of the difference, divided by the length of the value; 0 where the value is 0.</returns>
    public static IReadOnlyDictionary<string, double> Measure(
        Model exact,
        Model quantized,
        InputSet inputs,
        int most,
        CancellationToken cancellation
    )
    {
        var (before, after) = (new ReferenceInterpreter(exact), new ReferenceInterpreter(quantized));
        var sums = exact.Graph.Nodes.ToDictionary(node => node.Name, _ => (Error: 0.0, Length: 0.0), StringComparer.Ordinal);
        for (var index = 0; index < Math.Min(most, inputs.Count); index++)
        {
            cancellation.ThrowIfCancellationRequested();
            var input = JoinedInputs.Split(exact.Graph.Inputs, inputs[index]);
            var (expected, found) = (before.RunAll(input), after.RunAll(input));
            foreach (var node in exact.Graph.Nodes)
            {
                var (error, length) = sums[node.Name];
                var quantization = quantized.Graph.TypeOf(node.Name).Quantization;
                var (then, now) = (expected[node.Name], found[node.Name]);
                for (var element = 0; element < then.Length; element++)
                {
                    var value = quantization is null ? now[element] : IntegerLayer.Dequantize((int)now[element], quantization);
                    error += (value - then[element]) * (value - then[element]);
                    length += then[element] * then[element];
                }

                sums[node.Name] = (error, length);
            }
        }

        return sums.ToDictionary(
            entry => entry.Key,
            entry => entry.Value.Length > 0 ? Math.Sqrt(entry.Value.Error / entry.Value.Length) : 0,
            StringComparer.Ordinal
        );
    }
}
