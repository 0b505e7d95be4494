using System.CommandLine;
using System.Text;
using Subp.Cli.Terminal;
using Subp.Compiler.Planning.Costs;
using Subp.Tooling.Benchmarking;
using Subp.Tooling.Calibration;
using Subp.Tooling.Files;
using Subp.Tooling.Text;

namespace Subp.Cli.Commands;

/// <summary>Measures this processor and writes its description, for <c>--machine</c>.</summary>
internal sealed class CalibrateCommand : SubpCommand
{
    private readonly Option<string?> _output = CommonOptions.Output("The description to write. Default: machine.json.");
    private readonly Option<bool> _force = CommonOptions.Force();
    private readonly Option<string> _name = new("--name")
    {
        Description = "The name of the description, which the headers of emitted files repeat.",
        DefaultValueFactory = _ => "calibrated",
    };
    private readonly Option<int> _rounds = new("--rounds")
    {
        Description = "How often each network runs.",
        HelpName = "n",
        DefaultValueFactory = _ => 30,
    };

    /// <summary>Creates the verb.</summary>
    public CalibrateCommand()
        : base("calibrate", "Measure this processor: its caches, its multiply-add peak and what kernels cost on it, for --machine.")
    {
        Add(_output);
        Add(_force);
        Add(_name);
        Add(_rounds.AtLeast(1));
        Add(CommonOptions.Json());
        Validators.Add(result =>
        {
            if (result.GetValue(_name) is { } name && !MachineFile.IsName(name))
                result.AddError("a --name of other characters than letters, digits, dots, underscores and hyphens");
        });
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [
            ("subp calibrate -o machine.json", "compiles and times the layers of a few networks; about a minute on an idle machine"),
            ("subp compile model.subp --machine machine.json -o out", "kernels chosen for that processor"),
        ];

    /// <inheritdoc/>
    public override int Execute(ParseResult arguments, CommandContext context)
    {
        var target = arguments.GetValue(_output) ?? "machine.json";
        using var outputs = new OutputSet(arguments.GetValue(_force));
        // Announced before the work, so that nobody waits for a refusal.
        outputs.RequireFree(target);
        var set = HostProcessor.InstructionSets[0];
        var result = MachineCalibration.Run(arguments.GetValue(_name)!, set, arguments.GetValue(_rounds), context);
        outputs.WriteFile(target, Encoding.UTF8.GetBytes(MachineFile.Print(result.Machine)));
        context.Cancellation.ThrowIfCancellationRequested();
        outputs.Commit();
        if (context.Json)
            JsonOutput.Write(
                context.Out,
                Name,
                new
                {
                    file = target,
                    set,
                    result.Layers,
                    meanError = result.Error,
                    standardMeanError = result.StandardError,
                }
            );
        else
            context.Out.WriteLine(
                $"{target}: {result.Layers} layers, mean error of the predictions {Figures.Percent(result.Error)}; "
                    + $"{MachineDescription.Standard.Name}, made as fast as a whole, {Figures.Percent(result.StandardError)}"
            );
        return 0;
    }
}
