using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Roslyn;
using Subp.Tooling.Failures;

namespace Subp.Tooling.Inputs;

/// <summary>Reads the inputs of a model from files: one file for one input, <c>name=file</c> for each of several.</summary>
internal static class InputFiles
{
    /// <summary>The elements of all inputs, one after the other in the order of the model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="arguments">A path, or a name and a path per input.</param>
    /// <exception cref="SubpException">An input is missing or not known, or a file does not hold it.</exception>
    public static float[] Read(LoadedModel model, IReadOnlyList<string> arguments)
    {
        if (model.Inputs.Count == 1 && arguments.Count == 1 && (File.Exists(arguments[0]) || Named(model, arguments[0]) is null))
            return Read(arguments[0], model.Inputs[0]);
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var argument in arguments)
        {
            var (name, file) = Named(model, argument) ?? throw Unknown($"'{argument}'", $"name=file with one of the inputs {Names(model)}");
            if (!files.TryAdd(name, file))
                throw Unknown($"the input '{name}' twice", "each input once");
        }

        return
        [
            .. model.Inputs.SelectMany(port =>
                files.TryGetValue(port.Name, out var file)
                    ? Read(file, port)
                    : throw Unknown($"no file for the input '{port.Name}'", $"one for each of {Names(model)}")
            ),
        ];
    }

    private static float[] Read(string file, ModelPort port)
    {
        if (!File.Exists(file))
            throw new SubpException(FailureReport.NoFile(file));
        var shape = new TensorShape([.. port.Shape]);
        return port.IsBytes ? NpyFile.ReadBytes(file, shape) : NpyFile.Read(file, shape);
    }

    // Names of values may hold an equals sign themselves, so they are compared whole.
    private static (string Name, string File)? Named(LoadedModel model, string argument)
    {
        foreach (var port in model.Inputs)
        {
            if (argument.StartsWith(port.Name + "=", StringComparison.Ordinal))
                return (port.Name, argument[(port.Name.Length + 1)..]);
        }

        return null;
    }

    /// <summary>The diagnostic of a model of several inputs for which files are wanted and none is named.</summary>
    public static SubpException Missing(LoadedModel model) =>
        Unknown(
            FormattableString.Invariant($"no files for a model of {model.Inputs.Count} inputs"),
            $"name=file for each of {Names(model)}"
        );

    private static string Names(LoadedModel model) => string.Join(", ", model.Inputs.Select(port => $"'{port.Name}'"));

    private static SubpException Unknown(string found, string expected) => new(DiagnosticDescriptors.Usage, "--input", found, expected);
}
