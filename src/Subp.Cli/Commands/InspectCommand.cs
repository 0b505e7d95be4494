using System.CommandLine;
using Subp.Cli.Inspection;
using Subp.Cli.Models;
using Subp.Cli.Terminal;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Inspection;
using Subp.Core.Text;
using Subp.Roslyn;

namespace Subp.Cli.Commands;

/// <summary>Prints what a network is and what compiling would make of it, layer by layer.</summary>
internal sealed class InspectCommand : SubpCommand
{
    private readonly Argument<string> _source = new("model") { Description = "A .subp file, a folder with model.subp, an .onnx file or a compiled .dll." };
    private readonly Option<string?> _weights = new("--weights") { Description = "The .safetensors file. Default: the one beside the .subp file.", HelpName = "path" };
    private readonly Option<int[]> _schedule = new("--schedule")
    {
        Description = "Predict how the network divides among this many threads, as it is and with a non-uniform pattern of the same rate.",
        HelpName = "threads",
        AllowMultipleArgumentsPerToken = true,
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
        _compile = new CompileOptionSet([1], "1").AddTo(this);
        _onnx = new OnnxOptionSet().AddTo(this);
        Add(CommonOptions.Json());
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("subp inspect runs/sparse/model.subp", "which layer gets which kernel, and why"),
        ("subp inspect runs/sparse --schedule 2 4 8", "how evenly the work divides, uniform against non-uniform"),
        ("subp inspect model.onnx --unroll full --json", "the same for a script, with straight-line kernels wherever they fit"),
    ];

    /// <inheritdoc/>
    public override int Execute(ParseResult arguments, CommandContext context)
    {
        var source = arguments.GetRequiredValue(_source);
        if (ModelKinds.Of(source) == ModelKind.Assembly)
            return InspectAssembly(source, context);
        var model = NetworkFile.Read(source, arguments.GetValue(_weights), _onnx.Read(arguments));
        var options = _compile.Read(arguments);
        var plan = ModelPlanner.Plan(model.Graph, options);
        var rows = LayerRow.Of(plan, plan.Options.InstructionSets[0]);
        var cost = LayerCost.Total(model.Graph);
        var forecasts = Forecast(model.Graph, plan, options, arguments.GetValue(_schedule) ?? []);
        if (context.Json)
        {
            JsonOutput.Write(context.Out, Name, new
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
                layers = rows.Select(row => new { row.Name, @operator = row.Operator, shape = row.Shape.Dimensions, row.DenseMacs, row.KeptMacs, row.Pattern, row.Kernel, row.Reason }),
                schedules = forecasts.Select(forecast => new { forecast.Threads, forecast.Own, forecast.NonUniform }),
            });
            return 0;
        }

        WriteHead(context.Out, model.Graph, plan, cost);
        WriteLayers(context.Out, rows);
        if (forecasts.Count > 0)
            WriteForecasts(context.Out, forecasts);
        return 0;
    }

    private static List<(int Threads, ScheduleForecast Own, ScheduleForecast NonUniform)> Forecast(Graph graph, ModelPlan plan,
        Compiler.CompileOptions options, int[] counts)
    {
        if (counts.Length == 0)
            return [];
        var scattered = ModelPlanner.Plan(ScheduleForecast.WithoutUniformity(graph), options);
        return [.. counts.Select(threads => (threads, ScheduleForecast.Of(plan, threads), ScheduleForecast.Of(scattered, threads)))];
    }

    private static void WriteHead(TextWriter output, Graph graph, ModelPlan plan, LayerCost cost)
    {
        output.WriteLine($"network     {graph.Name}, {plan.InputShape} to {plan.OutputShape}");
        output.WriteLine($"structure   sha256:{StructureHash.Compute(graph)}");
        output.WriteLine($"weights     {Figures.Count(cost.KeptWeights)} of {Figures.Count(cost.DenseWeights)} kept ({Figures.Percent(cost.Sparsity)} pruned)");
        output.WriteLine($"work        {Figures.Short(cost.KeptMacs)} of {Figures.Short(cost.DenseMacs)} multiply-adds kept");
        output.WriteLine($"arena       {Figures.Bytes(4L * plan.ArenaLength)} (at least {Figures.Bytes(4L * plan.ArenaLowerBound)} are alive at once)");
        output.WriteLine();
    }

    private static void WriteLayers(TextWriter output, IReadOnlyList<LayerRow> rows)
    {
        var table = new TextTable("layer", "operator", "shape", ">dense MACs", ">kept MACs", "pattern", "kernel", "why not sparse");
        foreach (var row in rows)
            table.Add(row.Name, row.Operator, row.Shape.ToString(), row.DenseMacs == 0 ? "" : Figures.Short(row.DenseMacs),
                row.DenseMacs == 0 ? "" : Figures.Short(row.KeptMacs), row.Pattern?.ToString() ?? "", row.Kernel, row.Reason ?? "");
        table.Write(output);
    }

    private static void WriteForecasts(TextWriter output, List<(int Threads, ScheduleForecast Own, ScheduleForecast NonUniform)> forecasts)
    {
        output.WriteLine();
        var table = new TextTable(">threads", "pattern", ">makespan (MACs)", ">perfect split", ">imbalance");
        foreach (var (threads, own, nonUniform) in forecasts)
        {
            table.Add(Figures.Count(threads), "as it is", Figures.Short(own.Makespan), Figures.Short(own.Ideal), Figures.Percent(own.Imbalance));
            table.Add(Figures.Count(threads), "non-uniform", Figures.Short(nonUniform.Makespan), Figures.Short(nonUniform.Ideal), Figures.Percent(nonUniform.Imbalance));
        }

        table.Write(output);
    }

    private int InspectAssembly(string path, CommandContext context)
    {
        using var model = LoadedModel.Load(path);
        if (context.Json)
        {
            JsonOutput.Write(context.Out, Name, new
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
            });
            return 0;
        }

        context.Out.WriteLine($"network           {model.ModelName}, [{Figures.List(model.InputShape)}] to [{Figures.List(model.OutputShape)}]");
        context.Out.WriteLine($"structure         sha256:{model.StructureHash}");
        context.Out.WriteLine($"sparsity          {Figures.Percent(model.Sparsity)}");
        context.Out.WriteLine($"arena             {Figures.Bytes(model.ArenaBytes)}");
        context.Out.WriteLine($"options           {model.CompileOptions}");
        context.Out.WriteLine($"thread counts     {Figures.List(model.SupportedThreadCounts)}");
        context.Out.WriteLine($"instruction sets  {string.Join(" ", model.InstructionSets.Select(set => set.ToString().ToLowerInvariant()))}, "
            + $"here {model.BestInstructionSet.ToString().ToLowerInvariant()}");
        context.Out.WriteLine($"layers            {string.Join(" ", model.LayerNames)}");
        return 0;
    }
}
