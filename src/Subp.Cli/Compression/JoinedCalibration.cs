using Subp.Core.Diagnostics;
using Subp.Core.Graphs;

namespace Subp.Cli.Compression;

/// <summary>
/// Calibration inputs of a network with several inputs: <c>name=path</c> for each of them, the first of all belonging together, then the
/// second.
/// </summary>
internal static class JoinedCalibration
{
    /// <summary>The inputs, each with all inputs of the network behind each other.</summary>
    /// <param name="arguments">A name and a path each; several of one name follow each other.</param>
    /// <param name="inputs">The inputs of the network.</param>
    /// <param name="read">Reads what a path holds for an input of a shape.</param>
    /// <exception cref="SubpException">SUBP0801: an argument names no input. SUBP0531: an input has none, or another number than the
    /// others.</exception>
    public static IReadOnlyList<float[]> Read(
        IReadOnlyList<string> arguments,
        IReadOnlyList<GraphInput> inputs,
        Func<string, TensorShape, IReadOnlyList<float[]>> read
    )
    {
        var values = inputs.ToDictionary(input => input.Name, _ => new List<float[]>(), StringComparer.Ordinal);
        foreach (var argument in arguments)
        {
            var input = Named(argument, inputs);
            values[input.Name].AddRange(read(argument[(input.Name.Length + 1)..], input.Shape));
        }

        var place = string.Join(", ", arguments);
        var count = values[inputs[0].Name].Count;
        foreach (var input in inputs)
        {
            if (values[input.Name].Count != count || count == 0)
                throw CalibrationInputs.Invalid(
                    place,
                    string.Join(
                        ", ",
                        inputs.Select(each => FormattableString.Invariant($"{values[each.Name].Count} for the input '{each.Name}'"))
                    ),
                    "Give as many for each input of the network, in an order in which they belong together."
                );
        }

        return [.. Enumerable.Range(0, count).Select(index => inputs.SelectMany(input => values[input.Name][index]).ToArray())];
    }

    // Names of values may hold an equals sign themselves, so they are compared whole, the longest first.
    private static GraphInput Named(string argument, IReadOnlyList<GraphInput> inputs) =>
        inputs
            .OrderByDescending(input => input.Name.Length)
            .FirstOrDefault(input => argument.StartsWith(input.Name + "=", StringComparison.Ordinal))
        ?? throw new SubpException(
            DiagnosticDescriptors.Usage,
            "--calibration",
            $"'{argument}'",
            $"name=path with one of the inputs {string.Join(", ", inputs.Select(input => $"'{input.Name}'"))}"
        );
}
