using System.CommandLine;
using Subp.Cli.Failures;
using Subp.Cli.Terminal;
using Subp.Core.Diagnostics;
using Subp.Core.Text;
using Subp.Core.Weights;
using Subp.Roslyn;
using Subp.Tooling.Benchmarking;
using Subp.Tooling.Compilation;
using Subp.Tooling.Failures;
using Subp.Tooling.Models;
using Subp.Tooling.Text;

namespace Subp.Cli.Commands;

/// <summary>Times a network dense against sparse, or one synthetic layer in all forms of unrolling.</summary>
internal sealed class BenchCommand : SubpCommand
{
    private readonly Argument<string?> _source = new("model")
    {
        Description = "A .subp or .onnx file, which is compiled twice (sparse, and dense with its zeros), or a compiled .dll.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _against = new("--against")
    {
        Description = "For a .dll: another .dll to compare with, for example of the dense network.",
        HelpName = "path",
    };
    private readonly Option<string?> _layer = new("--layer")
    {
        Description = "Time one convolution: inputs x outputs, kernel, stride, height, width.",
        HelpName = "128x128k3s1h28w28",
    };
    private readonly Option<int> _blockLength = new("--block-length", "-N")
    {
        Description = "With --layer: the block length N.",
        HelpName = "n",
        DefaultValueFactory = _ => 16,
    };
    private readonly Option<double> _sparsity = new("--sparsity")
    {
        Description = "With --layer: the share of pruned blocks.",
        HelpName = "share",
        DefaultValueFactory = _ => 0.75,
    };
    private readonly Option<int> _rounds = new("--rounds")
    {
        Description = "How many interleaved rounds to measure.",
        HelpName = "n",
        DefaultValueFactory = _ => 60,
    };
    private readonly Option<double?> _failUnder = new("--fail-under")
    {
        Description =
            "Exit with code 5 below this: with --layer the share of the FMA peak of the auto form with the first thread count (0.8), else "
            + "the speed-up over dense (1.5).",
        HelpName = "figure",
    };

    private readonly CompileOptionSet _compile;
    private readonly OnnxOptionSet _onnx;

    /// <summary>Creates the verb.</summary>
    public BenchCommand()
        : base("bench", "Time a network dense against sparse, layer by layer, or one synthetic layer in every form of unrolling.")
    {
        Add(_source);
        foreach (
            var option in new Option[]
            {
                _against,
                _layer,
                _blockLength.AtLeast(1),
                _sparsity.Share(withOne: false),
                _rounds.AtLeast(1),
                _failUnder,
            }
        )
            Add(option);
        _compile = new CompileOptionSet([1, 2], "1,2").AddTo(this);
        _onnx = new OnnxOptionSet().AddTo(this);
        Add(CommonOptions.Json());
        Validators.Add(result =>
        {
            if (result.GetValue(_source) is null == result.GetValue(_layer) is null)
                result.AddError("neither a model nor --layer, or both");
            if (result.GetValue(_against) is not null && result.GetValue(_layer) is not null)
                result.AddError("both --against and --layer");
            foreach (var option in new Option[] { _blockLength, _sparsity })
            {
                if (result.GetValue(_layer) is null && result.GetResult(option) is { Implicit: false })
                    result.AddError($"{option.Name} without --layer");
            }
        });
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [
            ("subp bench runs/sparse/model.subp", "dense against sparse, layer by layer, 1 and 2 threads"),
            ("subp bench sparse.dll --against dense.dll --threads 1", "two compiled models"),
            (
                "subp bench --layer 128x128k3s1h28w28 --sparsity 0.75 --block-length 16",
                "one layer, three forms of unrolling and dense, against the FMA peak"
            ),
            (
                "subp bench --layer 128x128k3s1h28w28 --threads 1 --fail-under 0.8",
                "exit code 5 where the auto form is below 80 % of the peak"
            ),
        ];

    /// <inheritdoc/>
    public override int Execute(ParseResult arguments, CommandContext context)
    {
        var options = _compile.Read(arguments);
        _ = _onnx.Read(arguments);
        CompileOptionSet.WarnOfThreads(context, options.ThreadCounts);
        return arguments.GetValue(_layer) is { } text
            ? BenchLayer(arguments, context, LayerSpecification.Parse(text), options)
            : BenchModel(arguments, context, options);
    }

    private int BenchLayer(ParseResult arguments, CommandContext context, LayerSpecification layer, Compiler.CompileOptions options)
    {
        var result = LayerBenchmark.Run(
            layer,
            arguments.GetValue(_blockLength),
            arguments.GetValue(_sparsity),
            options,
            options.ThreadCounts,
            arguments.GetValue(_rounds),
            context
        );
        if (context.Json)
        {
            JsonOutput.Write(context.Out, Name, result);
        }
        else
        {
            context.Out.WriteLine(
                $"{result.Layer}, 1x{result.BlockLength} blocks, {Figures.Percent(result.Sparsity, 0)} pruned; FMA peak of one thread "
                    + $"{Figures.Fixed(result.PeakGigaflops, 1)} GFLOP/s; medians of {result.Rounds} rounds"
            );
            var table = new TextTable("form", ">threads", ">us", ">+-", ">GFLOP/s", ">of FMA peak", "kernel");
            foreach (var row in result.Rows)
                table.Add(
                    row.Form + (row.IsAutomatic ? " (auto)" : ""),
                    Figures.Count(row.Threads),
                    Figures.Microseconds(row.Microseconds.Median),
                    Figures.Percent(row.Microseconds.Spread),
                    Figures.Fixed(row.Gigaflops, 1),
                    Figures.Percent(row.ShareOfPeak),
                    row.Kernel
                );
            table.Write(context.Out);
        }

        var automatic = result.Rows.First(row => row.IsAutomatic);
        return Judge(arguments, context, $"bench {layer}", automatic.ShareOfPeak, share => $"{Figures.Percent(share)} of the FMA peak");
    }

    private int BenchModel(ParseResult arguments, CommandContext context, Compiler.CompileOptions options)
    {
        var source = arguments.GetValue(_source)!;
        var models = Load(arguments, context, source, options);
        try
        {
            var threads = models
                .Select(model => RunnableModel.ThreadCounts(model.Model, options.ThreadCounts, _compile.NamesThreads(arguments)))
                .Aggregate((left, right) => [.. left.Intersect(right)]);
            IReadOnlyList<ModelTiming> timings = [];
            context.WithProgress(
                $"timing {source}",
                progress => timings = ModelBenchmark.Run(models, threads, arguments.GetValue(_rounds), progress, context.Cancellation)
            );
            Print(context, source, timings, threads);
            if (models.Count == 1)
                return ExitCodes.Success;
            var (own, other) = (
                timings.First(timing => timing.Name == models[0].Name),
                timings.First(timing => timing.Name == models[1].Name)
            );
            return Judge(
                arguments,
                context,
                $"bench {source}",
                own.SpeedupOver(other),
                ratio => $"{Figures.Fixed(ratio, 2)} times as fast as {models[1].Name}"
            );
        }
        finally
        {
            foreach (var (_, model) in models)
                model.Dispose();
        }
    }

    private List<(string Name, LoadedModel Model)> Load(
        ParseResult arguments,
        CommandContext context,
        string source,
        Compiler.CompileOptions options
    )
    {
        var against = arguments.GetValue(_against);
        if (ModelKinds.Of(source) == ModelKind.Assembly)
        {
            _compile.RefuseFor(arguments, source, runsThreads: true);
            if (against is null)
            {
                GivenOptions.Refuse(arguments, [_failUnder], $"{source} alone", "another .dll to compare it with, in --against");
                return [("model", LoadedModel.Load(source))];
            }

            if (!File.Exists(against))
                throw new SubpException(FailureReport.NoFile(against));
            return LoadBoth(source, against);
        }

        if (against is not null)
            throw new SubpException(
                DiagnosticDescriptors.Usage,
                "--against",
                $"the network {source}, which is compared with itself, dense",
                "a .dll as the model"
            );
        var sparse = NetworkFile.Read(source, onnx: _onnx.Read(arguments));
        // Hints were found for the sparse layers; the dense ones would not fit them.
        var dense = sparse with
        {
            Hints = PlanHints.Empty,
            Graph = sparse.Graph.WithDenseParameters(),
        };
        context.Log($"compiling {sparse.Graph.Name}, sparse and dense");
        return [("sparse", Compile(sparse)), ("dense", Compile(dense))];

        LoadedModel Compile(Model model) =>
            LoadedModel.Load(CompiledNetwork.Compile(model, options, cancellation: context.Cancellation).Assembly);
    }

    private static List<(string Name, LoadedModel Model)> LoadBoth(string source, string against)
    {
        var (model, other) = (LoadedModel.Load(source), LoadedModel.Load(against));
        // Times of other inputs say nothing about each other; names may differ, and so may bytes and floats.
        return model.Inputs.Select(Shape).SequenceEqual(other.Inputs.Select(Shape))
            ? [("model", model), ("other", other)]
            : throw new SubpException(
                DiagnosticDescriptors.ShapeMismatch,
                against,
                $"inputs of {string.Join(", ", other.Inputs.Select(Shape))}",
                $"{string.Join(", ", model.Inputs.Select(Shape))}, those of {source}",
                "Compare models that take the same inputs."
            );

        static string Shape(ModelPort port) => $"[{Figures.List(port.Shape)}]";
    }

    private void Print(CommandContext context, string source, IReadOnlyList<ModelTiming> timings, IReadOnlyList<int> threads)
    {
        var names = timings.Select(timing => timing.Name).Distinct().ToArray();
        if (context.Json)
        {
            JsonOutput.Write(
                context.Out,
                Name,
                new
                {
                    model = source,
                    timings = timings.Select(timing => new
                    {
                        timing.Name,
                        timing.Threads,
                        timing.Microseconds,
                        timing.Layers,
                    }),
                    speedups = names.Length == 2
                        ? threads.Select(count => new
                        {
                            threads = count,
                            speedup = Find(names[0], count).SpeedupOver(Find(names[1], count)),
                        })
                        : [],
                }
            );
            return;
        }

        foreach (var count in threads)
        {
            var columns = names.Select(name => Find(name, count)).ToArray();
            var table = new TextTable([
                "layer",
                .. names.SelectMany(name => new[] { $">{name} us", ">+-" }),
                .. names.Length == 2 ? [">ratio"] : Array.Empty<string>(),
            ]);
            foreach (var (index, layer) in columns[0].Layers.Index())
                table.Add([
                    layer.Name,
                    .. columns.SelectMany(column => Cells(At(column, layer.Name, index))),
                    .. Ratio(columns, layer.Name, index),
                ]);
            table.Add([
                "whole run",
                .. columns.SelectMany(column => Cells(column.Microseconds)),
                .. names.Length == 2 ? [Figures.Fixed(columns[0].SpeedupOver(columns[1]), 2) + "x"] : Array.Empty<string>(),
            ]);
            context.Out.WriteLine($"{source}, {count} {(count == 1 ? "thread" : "threads")}, medians of {columns[0].Rounds.Count} rounds");
            table.Write(context.Out);
            context.Out.WriteLine();
        }

        ModelTiming Find(string name, int count) => timings.First(timing => timing.Name == name && timing.Threads == count);
    }

    // Layers of two models belong together by name; in two unrelated models by nothing.
    private static Timing? At(ModelTiming column, string layer, int index) =>
        index < column.Layers.Count && column.Layers[index].Name == layer
            ? column.Layers[index].Microseconds
            : column.Layers.FirstOrDefault(candidate => candidate.Name == layer)?.Microseconds;

    private static string[] Cells(Timing? timing) =>
        timing is { } time ? [Figures.Microseconds(time.Median), Figures.Percent(time.Spread, 0)] : ["", ""];

    private static string[] Ratio(ModelTiming[] columns, string layer, int index) =>
        columns.Length < 2 ? []
        : At(columns[1], layer, index) is { } other && At(columns[0], layer, index) is { Median: > 0 } own
            ? [Figures.Fixed(other.Median / own.Median, 2) + "x"]
        : [""];

    private int Judge(ParseResult arguments, CommandContext context, string place, double found, Func<double, string> text)
    {
        if (arguments.GetValue(_failUnder) is not { } threshold || found >= threshold)
            return ExitCodes.Success;
        var diagnostic = new Diagnostic(
            DiagnosticDescriptors.ThresholdMissed,
            place,
            text(found),
            $"at least {text(threshold)}",
            "Measure again on an idle machine."
        );
        context.Report(diagnostic);
        return ExitCodes.Of(diagnostic);
    }
}
