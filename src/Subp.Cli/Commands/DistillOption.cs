using System.CommandLine;
using Subp.Cli.Compression;
using Subp.Core.Diagnostics;
using Subp.Core.Weights;
using Subp.Training.Distilling;

namespace Subp.Cli.Commands;

/// <summary>The option that trains what is left of a network on its calibration inputs.</summary>
internal sealed class DistillOption
{
    private readonly Option<int> _epochs = new Option<int>("--distill")
    {
        Description =
            "Then train what is left for so many passes over the inputs of --calibration, to answer as the original does; labels are not "
            + "used, and blocks stay where they are. 60 to 200 are usually enough. Default: 0, nothing is trained.",
        HelpName = "passes",
    }.AtLeast(0);

    /// <summary>Adds the option to a command.</summary>
    public DistillOption AddTo(Command command)
    {
        command.Add(_epochs);
        return this;
    }

    /// <summary>What it is called on the command line.</summary>
    public string Name => _epochs.Name;

    /// <summary>Whether passes are asked for.</summary>
    public bool IsGiven(ParseResult arguments) => arguments.GetValue(_epochs) > 0;

    /// <summary>The passes, 0 for none. What stands against them is said before anything is computed.</summary>
    /// <exception cref="SubpException">SUBP0801: there are no inputs. SUBP0508: the network has no gradient here.</exception>
    public int Read(ParseResult arguments, Model model, CalibrationSet? calibration)
    {
        var epochs = arguments.GetValue(_epochs);
        if (epochs == 0)
            return 0;
        if (calibration is null)
            throw new SubpException(
                DiagnosticDescriptors.Usage,
                _epochs.Name,
                "no --calibration",
                "inputs to train on",
                $"Name some, or --calibration {SyntheticCalibration.Word}."
            );
        UnlabelledDistillation.Require(model.Graph);
        return epochs;
    }
}
