using System.CommandLine;
using Subp.Cli.Compression;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;

namespace Subp.Cli.Commands;

/// <summary>The options that name inputs without labels to measure statistics on.</summary>
internal sealed class CalibrationOptionSet
{
    private readonly Option<string[]> _paths = new("--calibration")
    {
        Description =
            "Inputs without labels to measure statistics on: a folder with the idx files of MNIST or Fashion-MNIST (their training "
            + "images), a folder of .jpg or .png files, or an .npy file or raw floats with inputs behind each other, normalised. May be "
            + "repeated. For a network of several inputs name=path, for each of them. Default: no data is used.",
        HelpName = "path",
    };

    private readonly Option<int> _count = new Option<int>("--calibration-images")
    {
        Description = "The most inputs of --calibration. Where there are more, fifty of them show what the result is worth.",
        HelpName = "n",
        DefaultValueFactory = _ => 250,
    }.AtLeast(1);

    /// <summary>Adds the options to a command.</summary>
    public CalibrationOptionSet AddTo(Command command)
    {
        command.Add(_paths);
        command.Add(_count);
        return this;
    }

    /// <summary>Whether inputs are named.</summary>
    public bool IsGiven(ParseResult arguments) => arguments.GetValue(_paths) is { Length: > 0 };

    /// <summary>The inputs, or null where none are named.</summary>
    /// <exception cref="SubpException">They cannot be read or used, or their number is given without them.</exception>
    public CalibrationSet? Read(ParseResult arguments, Graph graph)
    {
        if (arguments.GetValue(_paths) is { Length: > 0 } paths)
            return CalibrationInputs.Read(paths, arguments.GetValue(_count), graph);
        return arguments.GetResult(_count) is { Implicit: false }
            ? throw new SubpException(DiagnosticDescriptors.Usage, _count.Name, "no --calibration", "both")
            : null;
    }
}
