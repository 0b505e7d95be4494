using System.CommandLine;
using Subp.Cli.Terminal;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Inspection;
using Subp.Core.Text;
using Subp.Roslyn;
using Subp.Tooling.Benchmarking;
using Subp.Tooling.Compilation;
using Subp.Tooling.Inspection;
using Subp.Tooling.Models;
using Subp.Tooling.Text;

namespace Subp.Cli.Commands;

// Longer than other commands: it shows a network, one layer, a schedule, measured times or an assembly, and which options go with which.
/// <summary>Prints what a network is and what compiling would make of it, layer by layer.</summary>
internal sealed class InspectCommand : SubpCommand
{
    private readonly Argument<string> _source = new("model")
    {
        Description = "A .subp file, a folder with model.subp, an .onnx file or a compiled .dll.",
    };
    private readonly Option<string?> _weights = new("--weights")
    {
        Description = "The .safetensors file. Default: the one beside the .subp file.",
        HelpName = "path",
    };
    private readonly Option<int[]> _schedule = new("--schedule")
    {
        Description = "Predict how the network divides among this many threads, as it is and with a non-uniform pattern of the same rate.",
        HelpName = "threads",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<bool> _measured = new("--measured")
    {
        Description =
            "With --schedule: compile, time the layers and a meeting of two threads on this machine, and simulate the thread counts "
            + "from these.",
    };

    private readonly Option<double?> _peak = new("--peak")
    {
        Description =
            "Predict times for this multiply-add peak of one thread, in GFLOP/s. Default: the peak of this processor, measured in a "
            + "moment.",
        HelpName = "gflops",
    };

    private readonly Option<bool> _measure = new("--measure")
    {
        Description =
            "Also compile the network and time its layers on one thread, beside the peak of the same rounds, and compare predictions "
            + "with measured times.",
    };

    private readonly Option<int> _rounds = new("--rounds")
    {
        Description = "With --measure: how many rounds.",
        HelpName = "n",
        DefaultValueFactory = _ => 30,
    };
    private readonly Option<string?> _why = new("--why")
    {
        Description =
            "Print why a layer has its kernel instead: all candidates with their predicted costs, and the variants of tiles and loops.",
        HelpName = "layer",
    };
    private readonly CompileOptionSet _compile;
    private readonly OnnxOptionSet _onnx;

    /// <summary>Creates the verb.</summary>
    public InspectCommand()
        : base("inspect", "Print the layers of a network: shapes, multiply-adds, patterns, kernels and reasons.")
    {
        Add(_source);
        Add(_weights);
        Add(_schedule.AtLeast(1, 1024));
        Add(_measured);
        Add(_peak.Positive());
        Add(_measure);
        Add(_rounds.AtLeast(1));
        Add(_why);
        _compile = new CompileOptionSet([1], "1").AddTo(this);
        _onnx = new OnnxOptionSet().AddTo(this);
        Add(CommonOptions.Json());
        Validators.Add(result =>
        {
            if (result.GetValue(_measured) && result.GetValue(_schedule) is not { Length: > 0 })
                result.AddError("--measured without --schedule");
            if (result.GetResult(_rounds) is { Implicit: false } && !result.GetValue(_measure))
                result.AddError("--rounds without --measure");
        });
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [
            ("subp inspect runs/sparse/model.subp", "which layer gets which kernel, and why"),
            ("subp inspect runs/sparse --schedule 2 4 8", "how evenly the work divides, uniform against non-uniform"),
            ("subp inspect runs/sparse --schedule 4 8 16 32 64 --measured", "the same, simulated from layer times of this machine"),
            ("subp inspect runs/sparse --peak 75", "predicted times of a core with 75 GFLOP/s; the same text on every machine"),
            ("subp inspect runs/sparse --measure", "predicted against measured, layer by layer"),
            ("subp inspect runs/sparse --why stage1.conv1", "the kernels that competed for a layer, with predicted cycles"),
            ("subp inspect model.onnx --unroll full --json", "the same for a script, with straight-line kernels wherever they fit"),
        ];

    /// <inheritdoc/>
    public override int Execute(ParseResult arguments, CommandContext context)
    {
        var source = arguments.GetRequiredValue(_source);
        if (ModelKinds.Of(source) == ModelKind.Assembly)
        {
            GivenOptions.Refuse(
                arguments,
                [_weights, _schedule, _measured, _peak, _measure, _rounds, _why],
                $"{source}, which is compiled already",
                "a .subp or .onnx file"
            );
            _compile.RefuseFor(arguments, source, runsThreads: false);
            _ = _onnx.Read(arguments);
            return InspectAssembly(source, context);
        }

        if (arguments.GetValue(_why) is { } explained)
            GivenOptions.Refuse(
                arguments,
                [_schedule, _measured, _peak, _measure, _rounds],
                $"--why {explained}, which compares predicted costs of one layer only",
                "one of the two"
            );
        var model = NetworkFile.Read(source, arguments.GetValue(_weights), _onnx.Read(arguments));
        var options = _compile.Read(arguments);
        var plan = CompiledNetwork.PlanOf(model, options);
        if (arguments.GetValue(_why) is { } name)
            return Explain(plan, name, context);
        var set = HostProcessor.BestOf(plan.Options.InstructionSets);
        var measured = arguments.GetValue(_measure) ? LayerMeasurement.Of(model, options, arguments.GetValue(_rounds), context) : null;
        var prediction = new TimePrediction(set, options.Machine, arguments.GetValue(_peak) ?? measured?.PeakGigaflops ?? MeasurePeak(set));
        var rows = LayerRow.Of(plan, set);
        double[] predicted = [.. plan.Layers.Select(prediction.Microseconds)];
        var error = measured is null ? null : PredictionError.Of(predicted, [.. measured.Layers.Select(time => time.Low)]);
        var cost = LayerCost.Total(model.Graph);
        var study = arguments.GetValue(_measured) ? ScheduleStudy.Run(model, options, arguments.GetValue(_schedule)!, context) : null;
        var forecasts = Forecast(model.Graph, plan, options, arguments.GetValue(_schedule) ?? [], prediction);
        if (context.Json)
        {
            JsonOutput.Write(
                context.Out,
                Name,
                new
                {
                    model = model.Graph.Name,
                    structureHash = StructureHash.Compute(model.Graph),
                    input = plan.InputShape.Dimensions,
                    output = plan.OutputShape.Dimensions,
                    cost.DenseMacs,
                    cost.KeptMacs,
                    cost.DenseWeights,
                    cost.KeptWeights,
                    arenaBytes = 4L * plan.ArenaLength,
                    arenaLowerBoundBytes = 4L * plan.ArenaLowerBound,
                    scratchBytesPerThread = 4L * plan.ScratchLength,
                    prediction = new { peakGflops = prediction.PeakGigaflops, microseconds = predicted.Sum() },
                    layers = rows.Select(
                        (row, index) =>
                            new
                            {
                                row.Name,
                                @operator = row.Operator,
                                shape = row.Shape.Dimensions,
                                row.DenseMacs,
                                row.KeptMacs,
                                row.DenseWeights,
                                row.KeptWeights,
                                row.Pattern,
                                row.Kernel,
                                row.Reason,
                                row.Choice,
                                row.Arithmetic,
                                row.FloatReason,
                                row.WeightBits,
                                predictedMicroseconds = predicted[index],
                                measuredMicroseconds = measured?.Layers[index],
                                work = prediction.Work(plan.Layers[index]),
                            }
                    ),
                    predictionError = error,
                    schedules = forecasts,
                    simulation = study,
                }
            );
            return 0;
        }

        WriteHead(context.Out, model.Graph, plan, cost, prediction, predicted.Sum());
        WriteLayers(context.Out, rows, predicted, measured);
        if (error is not null)
            context.Out.WriteLine(
                $"\nprediction error: {Figures.Percent(error.Mean)} on average over the layers, {Figures.Percent(error.TimeWeighted)} "
                    + "of the time, "
                    + $"{Figures.Percent(error.Largest)} at most ({rows[error.LargestLayer].Name})"
            );
        if (forecasts.Count > 0)
            WriteForecasts(context.Out, forecasts);
        study?.Write(context.Out);
        return 0;
    }

    private int Explain(ModelPlan plan, string layer, CommandContext context)
    {
        var explanation = KernelExplanation.Of(plan, KernelReason.Find(plan, layer));
        if (context.Json)
            JsonOutput.Write(context.Out, Name, new { layer, explanation });
        else
            KernelReason.Write(context.Out, layer, explanation);
        return 0;
    }

    /// <summary>The forecasts for one thread count.</summary>
    /// <param name="Threads">The number of threads.</param>
    /// <param name="Own">The network as it is.</param>
    /// <param name="PredictedMicroseconds">The predicted time of the network as it is.</param>
    /// <param name="NonUniform">The network with as many kept blocks, drawn without the uniform rule.</param>
    /// <param name="NonUniformPredictedMicroseconds">Its predicted time.</param>
    private sealed record Forecasts(
        int Threads,
        ScheduleForecast Own,
        double PredictedMicroseconds,
        ScheduleForecast NonUniform,
        double NonUniformPredictedMicroseconds
    );

    private static double MeasurePeak(Compiler.InstructionSet set)
    {
        var meter = new PeakMeter(set);
        meter.Measure();
        return meter.FastestGigaflops;
    }

    private static List<Forecasts> Forecast(
        Graph graph,
        ModelPlan plan,
        Compiler.CompileOptions options,
        int[] counts,
        TimePrediction prediction
    )
    {
        if (counts.Length == 0)
            return [];
        var scattered = ModelPlanner.Plan(ScheduleForecast.WithoutUniformity(graph), options);
        return
        [
            .. counts.Select(threads => new Forecasts(
                threads,
                ScheduleForecast.Of(plan, threads),
                ScheduleForecast.Microseconds(plan, threads, prediction),
                ScheduleForecast.Of(scattered, threads),
                ScheduleForecast.Microseconds(scattered, threads, prediction)
            )),
        ];
    }

    private static void WriteHead(
        TextWriter output,
        Graph graph,
        ModelPlan plan,
        LayerCost cost,
        TimePrediction prediction,
        double microseconds
    )
    {
        output.WriteLine($"network     {graph.Name}, {plan.InputShape} to {plan.OutputShape}");
        output.WriteLine($"structure   sha256:{StructureHash.Compute(graph)}");
        output.WriteLine(
            $"weights     {Figures.Count(cost.KeptWeights)} of {Figures.Count(cost.DenseWeights)} kept "
                + $"({Figures.Percent(cost.Sparsity)} pruned)"
        );
        output.WriteLine($"work        {Figures.Short(cost.KeptMacs)} of {Figures.Short(cost.DenseMacs)} multiply-adds kept");
        output.WriteLine(
            $"arena       {Figures.Bytes(4L * plan.ArenaLength)} (at least {Figures.Bytes(4L * plan.ArenaLowerBound)} are alive at once)"
        );
        output.WriteLine($"scratch     {Figures.Bytes(4L * plan.ScratchLength)} for each thread");
        output.WriteLine(
            $"prediction  {Figures.Microseconds(microseconds)} us on one thread of {Figures.Fixed(prediction.PeakGigaflops, 1)} "
                + "GFLOP/s; subp bench measures"
        );
        output.WriteLine();
    }

    private static void WriteLayers(TextWriter output, IReadOnlyList<LayerRow> rows, double[] predicted, LayerMeasurement? measured)
    {
        string[] arithmetic = rows.Any(row => row.Arithmetic is not null) ? ["computes"] : [];
        string[] measuredHeads = measured is null ? [] : [">measured us", ">+-", ">error"];
        var table = new TextTable([
            "layer",
            "operator",
            "shape",
            ">dense MACs",
            ">kept MACs",
            ">kept weights",
            "pattern",
            "kernel",
            .. arithmetic,
            ">predicted us",
            .. measuredHeads,
            "remarks",
        ]);
        foreach (var (index, row) in rows.Index())
            table.Add([
                row.Name,
                row.Operator,
                row.Shape.ToString(),
                row.DenseMacs == 0 ? "" : Figures.Short(row.DenseMacs),
                row.DenseMacs == 0 ? "" : Figures.Short(row.KeptMacs),
                row.DenseWeights == 0 ? "" : Figures.Short(row.KeptWeights),
                row.Pattern?.ToString() ?? "",
                row.Kernel,
                .. arithmetic.Select(_ => row.Arithmetic ?? ""),
                Figures.Fixed(predicted[index], 1),
                .. Measured(index),
                row.Remarks,
            ]);
        table.Write(output);

        string[] Measured(int index) =>
            measured is null
                ? []
                :
                [
                    Figures.Fixed(measured.Layers[index].Low, 1),
                    Figures.Percent(measured.Layers[index].Spread, 0),
                    Figures.Percent((predicted[index] / measured.Layers[index].Low) - 1, 0),
                ];
    }

    private static void WriteForecasts(TextWriter output, List<Forecasts> forecasts)
    {
        output.WriteLine();
        var table = new TextTable(">threads", "pattern", ">makespan (cycles)", ">perfect split", ">imbalance", ">predicted us");
        foreach (var (threads, own, time, nonUniform, nonUniformTime) in forecasts)
        {
            table.Add(
                Figures.Count(threads),
                "as it is",
                Figures.Short(own.Makespan),
                Figures.Short(own.Ideal),
                Figures.Percent(own.Imbalance),
                Figures.Microseconds(time)
            );
            table.Add(
                Figures.Count(threads),
                "non-uniform",
                Figures.Short(nonUniform.Makespan),
                Figures.Short(nonUniform.Ideal),
                Figures.Percent(nonUniform.Imbalance),
                Figures.Microseconds(nonUniformTime)
            );
        }

        table.Write(output);
    }

    private int InspectAssembly(string path, CommandContext context)
    {
        using var model = LoadedModel.Load(path);
        if (context.Json)
        {
            JsonOutput.Write(
                context.Out,
                Name,
                new
                {
                    model = model.ModelName,
                    model.StructureHash,
                    input = model.InputShape,
                    output = model.OutputShape,
                    model.Sparsity,
                    model.ArenaBytes,
                    options = model.CompileOptions,
                    threads = model.SupportedThreadCounts,
                    instructionSets = model.InstructionSets,
                    model.BestInstructionSet,
                    layers = model.LayerNames,
                }
            );
            return 0;
        }

        context.Out.WriteLine(
            $"network           {model.ModelName}, [{Figures.List(model.InputShape)}] to [{Figures.List(model.OutputShape)}]"
        );
        context.Out.WriteLine($"structure         sha256:{model.StructureHash}");
        context.Out.WriteLine($"sparsity          {Figures.Percent(model.Sparsity)}");
        context.Out.WriteLine($"arena             {Figures.Bytes(model.ArenaBytes)}");
        context.Out.WriteLine($"options           {model.CompileOptions}");
        context.Out.WriteLine($"thread counts     {Figures.List(model.SupportedThreadCounts)}");
        context.Out.WriteLine(
            $"instruction sets  {string.Join(" ", model.InstructionSets.Select(set => set.ToString().ToLowerInvariant()))}, "
                + $"here {model.BestInstructionSet.ToString().ToLowerInvariant()}"
        );
        context.Out.WriteLine($"layers            {string.Join(" ", model.LayerNames)}");
        return 0;
    }
}
