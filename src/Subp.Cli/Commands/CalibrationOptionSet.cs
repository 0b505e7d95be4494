using System.CommandLine;
using Subp.Cli.Compression;
using Subp.Cli.Terminal;
using Subp.Core.Diagnostics;
using Subp.Core.Weights;

namespace Subp.Cli.Commands;

/// <summary>The options that name inputs without labels to measure statistics on.</summary>
internal sealed class CalibrationOptionSet
{
    private readonly Option<string[]> _paths = new("--calibration")
    {
        Description =
            "Inputs without labels to measure statistics on: a folder with the idx files of MNIST or Fashion-MNIST (their training "
            + "images), a folder of .jpg or .png files, or an .npy file or raw floats with inputs behind each other, normalised. May be "
            + "repeated. For a network of several inputs name=path, for each of them. synthetic: images that are made to have the "
            + "statistics of the network's batch normalisations, for who has none. Default: no data is used.",
        HelpName = "path",
    };

    private readonly Option<int> _count = new Option<int>("--calibration-images")
    {
        Description =
            "The most inputs of --calibration. Where there are more, fifty of them show what the result is worth. Of synthetic ones as "
            + "many are made; by default fewer of large networks, 32 at least.",
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
    /// <param name="arguments">The command line.</param>
    /// <param name="model">The network, batch normalisations not folded.</param>
    /// <param name="context">Hears of what takes long.</param>
    /// <exception cref="SubpException">They cannot be read, made or used, or their number is given without them.</exception>
    public CalibrationSet? Read(ParseResult arguments, Model model, CommandContext context)
    {
        if (arguments.GetValue(_paths) is { Length: > 0 } paths)
        {
            if (!paths.Contains(SyntheticCalibration.Word))
                return CalibrationInputs.Read(paths, arguments.GetValue(_count), model.Graph);
            if (paths.Length > 1)
                throw new SubpException(
                    DiagnosticDescriptors.Usage,
                    _paths.Name,
                    $"'{SyntheticCalibration.Word}' beside other inputs",
                    "one of the two",
                    $"A folder of that name is ./{SyntheticCalibration.Word}."
                );
            int? count = arguments.GetResult(_count) is { Implicit: false } ? arguments.GetValue(_count) : null;
            // None is held out: how the network answers to what was made from it says nothing about how it answers to images.
            return new CalibrationSet(SyntheticCalibration.Create(model, count, context), [], isSynthetic: true);
        }

        return arguments.GetResult(_count) is { Implicit: false }
            ? throw new SubpException(DiagnosticDescriptors.Usage, _count.Name, "no --calibration", "both")
            : null;
    }
}
