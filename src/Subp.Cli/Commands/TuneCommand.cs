using System.CommandLine;
using Subp.Cli.Terminal;
using Subp.Core.Interpretation;
using Subp.Core.Weights;
using Subp.Tooling.Compilation;
using Subp.Tooling.Files;
using Subp.Tooling.Inputs;
using Subp.Tooling.Models;
using Subp.Tooling.Text;
using Subp.Tooling.Tuning;

namespace Subp.Cli.Commands;

/// <summary>Times kernels that the planner did not choose and records the faster ones as hints in the .subp file.</summary>
internal sealed class TuneCommand : SubpCommand
{
    private readonly Argument<string> _source = new("model") { Description = "A .subp file, a folder with model.subp, or an .onnx file." };
    private readonly Option<string?> _weights = new("--weights")
    {
        Description = "The .safetensors file. Default: the one beside the .subp file.",
        HelpName = "path",
    };
    private readonly Option<string?> _output = CommonOptions.Output(
        "The .subp file to write, with its weights beside it. Default: the .subp file that was read, or of the name of the .onnx file."
    );
    private readonly Option<bool> _force = CommonOptions.Force();
    private readonly Option<int> _threads = new("--threads", "-t")
    {
        Description = "How many threads run while layers are timed.",
        HelpName = "n",
        DefaultValueFactory = _ => 1,
    };
    private readonly Option<int> _rounds = new("--rounds")
    {
        Description = "The rounds in which all candidates take turns.",
        HelpName = "n",
        DefaultValueFactory = _ => new TuningOptions().Rounds,
    };
    private readonly Option<double> _time = new("--time")
    {
        Description = "Seconds after which no new round begins; five rounds are measured in any case.",
        HelpName = "seconds",
        DefaultValueFactory = _ => new TuningOptions().Budget.TotalSeconds,
    };

    private readonly Option<int> _candidates = new("--candidates")
    {
        Description = "How many kernels of each layer to time beside the planner's choice; one network is compiled for each.",
        HelpName = "n",
        DefaultValueFactory = _ => new TuningOptions().Candidates,
    };

    private readonly Option<double> _margin = new("--margin")
    {
        Description = "The share of the time that a kernel must gain to become a hint; it must gain more than its spread, too.",
        HelpName = "share",
        DefaultValueFactory = _ => new TuningOptions().Margin,
    };

    private readonly Option<bool> _precise = new("--precise")
    {
        Description = "Time no kernels that are less exact than direct summation.",
    };
    private readonly MachineOption _machine = new();
    private readonly OnnxOptionSet _onnx;

    /// <summary>Creates the verb.</summary>
    public TuneCommand()
        : base(
            "tune",
            "Time candidate kernels of every convolution on this machine, and record the faster ones as hints in the .subp file."
        )
    {
        Add(_source);
        foreach (
            var option in new Option[]
            {
                _weights,
                _output,
                _force,
                _threads.AtLeast(1, 64),
                _rounds.AtLeast(1),
                _time.Positive(),
                _candidates.AtLeast(1, 64),
                _margin.Share(withOne: false),
                _precise,
            }
        )
            Add(option);
        _machine.AddTo(this);
        _onnx = new OnnxOptionSet().AddTo(this);
        Add(CommonOptions.Json());
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [
            ("subp tune model.subp -o tuned.subp", "six candidates a layer, thirty rounds; a table of what was gained"),
            ("subp tune model.subp --force --time 30", "into the file itself, within half a minute of timing"),
            ("subp tune model.onnx -o model.subp --threads 2 --json", "an ONNX file, two threads, for a script"),
        ];

    /// <inheritdoc/>
    public override int Execute(ParseResult arguments, CommandContext context)
    {
        var source = arguments.GetRequiredValue(_source);
        var target =
            arguments.GetValue(_output)
            ?? (ModelKinds.Of(source) == ModelKind.Onnx ? Path.ChangeExtension(source, ".subp") : BundleFile.SubpPath(source));
        using var outputs = new OutputSet(arguments.GetValue(_force));
        // Announced before the work, so that nobody waits for a refusal.
        outputs.RequireFree(target);
        var model = NetworkFile.Read(source, arguments.GetValue(_weights), _onnx.Read(arguments));
        var tuning = new TuningOptions
        {
            Threads = arguments.GetValue(_threads),
            Rounds = arguments.GetValue(_rounds),
            Budget = TimeSpan.FromSeconds(arguments.GetValue(_time)),
            Candidates = arguments.GetValue(_candidates),
            Margin = arguments.GetValue(_margin),
        };
        CompileOptionSet.WarnOfThreads(context, [tuning.Threads]);
        var options = new Compiler.CompileOptions { Precise = arguments.GetValue(_precise), Machine = _machine.Read(arguments) };
        var input = InputSet.OfRandom(JoinedInputs.ShapeOf(model.Graph), 1, seed: 1)[0];
        TuningResult? result = null;
        context.WithProgress(
            $"tuning {model.Graph.Name}",
            progress =>
                result = new NetworkTuner(model, options, tuning, new ProfiledTimer()).Tune(input, progress.Invoke, context.Cancellation)
        );
        var tuned = model with { Hints = result!.Hints };
        // The hints must hold in every network that is compiled from the file, not only in those that were timed.
        _ = CompiledNetwork.PlanOf(tuned, options with { ThreadCounts = [1, 2, 3, 4] });
        Write(outputs, target, tuned);
        context.Cancellation.ThrowIfCancellationRequested();
        outputs.Commit();
        Print(context, source, target, result);
        return 0;
    }

    // Weights that are already there are the same bytes, and may be far larger than the text.
    private static void Write(OutputSet outputs, string target, Model tuned)
    {
        var bundle = ModelBundle.Write(tuned);
        var weights = BundleFile.WeightsPath(target);
        if (!File.Exists(weights) || ModelBundle.HashOf(File.ReadAllBytes(weights)) != ModelBundle.HashOf(bundle.Safetensors))
            outputs.WriteFile(weights, bundle.Safetensors);
        outputs.WriteFile(target, bundle.SubpText);
    }

    private void Print(CommandContext context, string source, string target, TuningResult result)
    {
        if (context.Json)
        {
            JsonOutput.Write(
                context.Out,
                Name,
                new
                {
                    model = source,
                    subp = target,
                    result.InstructionSet,
                    result.Rounds,
                    result.PlannedMicroseconds,
                    result.TunedMicroseconds,
                    layers = result.Layers,
                }
            );
            return;
        }

        var table = new TextTable("layer", "planned kernel", ">us", "winner", ">us", ">gain", ">+-");
        foreach (var layer in result.Layers)
            table.Add(
                layer.Node,
                layer.Planned.Kernel,
                Figures.Microseconds(layer.Planned.Microseconds),
                layer.Winner?.Hints ?? "",
                Winner(layer, kernel => Figures.Microseconds(kernel.Microseconds)),
                Winner(layer, kernel => Figures.Percent(kernel.Gain)),
                Winner(layer, kernel => Figures.Percent(kernel.Spread))
            );
        table.Write(context.Out);
        context.Out.WriteLine(
            $"\n{target}: {result.Hints.Nodes.Count} of {result.Layers.Count} layers have hints, "
                + $"{result.InstructionSet.ToString().ToLowerInvariant()}, {result.Rounds} rounds; "
                + $"all layers {Figures.Microseconds(result.PlannedMicroseconds)} us as planned, "
                + $"{Figures.Microseconds(result.TunedMicroseconds)} us as tuned"
        );
    }

    private static string Winner(TunedLayer layer, Func<MeasuredKernel, string> text) => layer.Winner is { } winner ? text(winner) : "";
}
