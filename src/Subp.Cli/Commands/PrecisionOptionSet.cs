using System.CommandLine;
using Subp.Cli.Terminal;
using Subp.Core.Diagnostics;
using Subp.Tooling.Inputs;
using Subp.Tooling.Quantizing.Precision;

namespace Subp.Cli.Commands;

/// <summary>
/// What decides which layers of a network of bytes stay float beside those that the user names: accuracy, speed, or a time that is spent on
/// accuracy.
/// </summary>
internal sealed class PrecisionOptionSet
{
    private readonly Option<double?> _tolerance = new("--tolerance")
    {
        Description =
            "How far outputs may be off, as a share of their length, on the inputs of --calibration or on random ones: as few layers as "
            + "possible stay float, those that matter most.",
        HelpName = "share",
    };
    private readonly Option<bool> _fastest = new("--fastest")
    {
        Description =
            "Leave those layers float that are predicted to be faster so on the processor of --machine, conversions between layers "
            + "included.",
    };
    private readonly LatencyOptionSet _latency = new(
        "The predicted time of one thread that may be taken, for example 4ms: layers that matter most stay float as long as it allows, by "
            + "the costs of --machine, at --peak."
    );
    private readonly MachineOption _machine = new();

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_tolerance.Positive());
        command.Add(_fastest);
        _latency.AddTo(command);
        _machine.AddTo(command);
    }

    /// <summary>Requires options to have an effect beside each other.</summary>
    /// <exception cref="SubpException">SUBP0801: two that exclude each other, or one without what it is for.</exception>
    public void RequireEffect(ParseResult arguments)
    {
        var (fastest, latency) = (arguments.GetValue(_fastest), _latency.Budget(arguments) is not null);
        if (latency && (fastest || arguments.GetValue(_tolerance) is not null))
            throw new SubpException(
                DiagnosticDescriptors.Usage,
                _latency.Option.Name,
                $"{(fastest ? _fastest.Name : _tolerance.Name)} beside it",
                "one of the two"
            );
        if (_machine.IsGiven(arguments) && !fastest && !latency)
            throw new SubpException(DiagnosticDescriptors.Usage, "--machine", "no --fastest or --latency", "one of them beside it");
        _latency.RequireEffect(arguments);
    }

    /// <summary>Decides as the options say.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <param name="precision">What is decided.</param>
    /// <param name="inputs">What layers are measured on.</param>
    /// <param name="context">Hears how far it is.</param>
    /// <exception cref="SubpException">SUBP0280, SUBP0534 or SUBP0598: it cannot be had.</exception>
    public void Decide(ParseResult arguments, PrecisionChoice precision, InputSet inputs, CommandContext context)
    {
        if (arguments.GetValue(_tolerance) is { } tolerance)
            precision.KeepTolerance(tolerance, inputs, context);
        if (arguments.GetValue(_fastest))
            precision.MakeFastest(_machine.Read(arguments));
        if (_latency.Budget(arguments) is { } latency)
            precision.KeepLatency(
                _latency.Option.Name,
                latency.Text,
                latency.Value,
                _machine.Read(arguments),
                _latency.Peak(arguments),
                inputs,
                context
            );
    }
}
