using System.CommandLine;
using System.Globalization;
using Subp.Cli.Experiments;
using Subp.Cli.Experiments.Report;
using Subp.Cli.Failures;
using Subp.Cli.Terminal;
using Subp.Core.Diagnostics;
using Subp.Core.Text;
using Subp.Tooling.Failures;
using Subp.Tooling.Text;
using Subp.Training.Runs;
using Subp.Training.Sparsification;

namespace Subp.Cli.Commands;

/// <summary>Trains a list of recipes with several seeds each, and writes the table that compares them.</summary>
internal sealed class ExperimentCommand : SubpCommand
{
    private readonly Argument<string> _table = new("table") { Description = "The experiment file; docs/experiments.md shows one." };
    private readonly Option<string?> _results = new("--results")
    {
        Description = "The folder of the results. Default: the experiment file without its extension.",
        HelpName = "folder",
    };
    private readonly Option<string?> _runs = new("--runs")
    {
        Description = "The folder in which each run has its own. Default: 'runs' in the folder of the results.",
        HelpName = "folder",
    };
    private readonly Option<string?> _page = new("--page")
    {
        Description = "The page. Default: results.md in the folder of the results.",
        HelpName = "path",
    };
    private readonly Option<string?> _shard = new("--shard")
    {
        Description = "Do every n-th run only, from the i-th on, counted from 0: one shard for each job of an array.",
        HelpName = "i/n",
    };
    private readonly Option<string[]> _rows = new("--rows")
    {
        Description = "Do the runs of these rows only, * allowed. May be repeated. Default: all.",
        HelpName = "glob",
    };
    private readonly Option<bool> _reportOnly = new("--report-only") { Description = "Train nothing; write table, page and pictures." };
    private readonly Option<string?> _dataDirectory = CommonOptions.DataDirectory();
    private readonly Option<int> _rounds = new("--rounds")
    {
        Description = "Interleaved rounds of timing.",
        HelpName = "n",
        DefaultValueFactory = _ => 100,
    };
    private readonly EngineOptionSet _engine;

    /// <summary>Creates the verb.</summary>
    public ExperimentCommand()
        : base("experiment", "Train a list of recipes with several seeds each, compile and time them, and write the table of all.")
    {
        _rounds.AtLeast(1);
        Add(_table);
        foreach (var option in new Option[] { _results, _runs, _page, _shard, _rows, _reportOnly, _dataDirectory, _rounds })
            Add(option);
        _engine = new EngineOptionSet().AddTo(this);
        Add(CommonOptions.Json());
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [
            (
                "subp experiment docs/results/fashion-mnist.json --results out --data-dir /usr/share/datasets/fashion-mnist",
                "all runs; the same command goes on where it was stopped"
            ),
            ("subp experiment table.json --shard $SLURM_ARRAY_TASK_ID/8", "one eighth of the runs, in an array of jobs 0 to 7"),
            ("subp experiment table.json --rows dense --rows 'channels-*'", "some of the runs"),
            ("subp experiment table.json --report-only", "the table, the page and the pictures of the results that are there"),
        ];

    /// <inheritdoc/>
    public override int Execute(ParseResult arguments, CommandContext context)
    {
        var path = arguments.GetRequiredValue(_table);
        if (!File.Exists(path))
            throw new SubpException(FailureReport.NoFile(path));
        var table = ExperimentFile.Read(path);
        var results = arguments.GetValue(_results) ?? Path.ChangeExtension(path, null);
        var page = arguments.GetValue(_page) ?? Path.Combine(results, "results.md");
        var (index, count) = Shard(arguments.GetValue(_shard));
        SubpException? failure = null;
        if (!arguments.GetValue(_reportOnly))
        {
            var runner = new ExperimentRunner(
                table,
                path,
                results,
                arguments.GetValue(_runs) ?? Path.Combine(results, "runs"),
                arguments.GetValue(_dataDirectory),
                _engine.Apply(new TrainingOptions(), arguments, context),
                arguments.GetValue(_rounds),
                context
            );
            var wanted = arguments.GetValue(_rows) ?? [];
            if (wanted.FirstOrDefault(glob => !table.Rows.Any(row => LayerNames.Matches(glob, row.Name))) is { } unknown)
                throw new SubpException(
                    DiagnosticDescriptors.Usage,
                    "--rows",
                    $"'{unknown}'",
                    "the name of a row of the table, * allowed",
                    Spelling.Suggest(unknown, table.Rows.Select(row => row.Name))
                );
            var runs = ExperimentPlan.Shard(ExperimentPlan.Order(table), index, count);
            failure = runner.Run([.. runs.Where(run => wanted.Length == 0 || LayerNames.Matches(wanted, run.Row.Name))]);
        }

        var rows = ExperimentReport.Write(table, path, results, page, Command(path, arguments), PlotFont.Find(), context);
        Print(context, results, page, rows);
        return failure is null ? ExitCodes.Success : throw failure;
    }

    // As one calls it in the current folder, and without folders outside it, so that no path of a machine gets into a page.
    private string Command(string path, ParseResult arguments)
    {
        var text = $"subp experiment {Relative(path)} --report-only";
        foreach (var option in new[] { _results, _page })
            text += arguments.GetValue(option) is { } value ? $" {option.Name} {Relative(value)}" : "";
        return text;
    }

    private static string Relative(string path)
    {
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, path).Replace('\\', '/');
        return relative.StartsWith("../", StringComparison.Ordinal) || Path.IsPathRooted(relative) ? Path.GetFileName(path) : relative;
    }

    private static (int Index, int Count) Shard(string? text)
    {
        if (text is null)
            return (0, 1);
        var parts = text.Split('/');
        if (
            parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && index < count
        )
            return (index, count);
        throw new SubpException(DiagnosticDescriptors.Usage, "--shard", $"'{text}'", "i/n with i from 0 to n - 1, for example 0/4");
    }

    private void Print(CommandContext context, string results, string page, IReadOnlyList<RowSummary> rows)
    {
        if (context.Json)
        {
            JsonOutput.Write(
                context.Out,
                Name,
                new
                {
                    results,
                    page,
                    rows = rows.Select(row => new
                    {
                        row.Row.Name,
                        row.Model,
                        row.Seeds,
                        done = row.Results.Count,
                        testAccuracy = row.Results.Count == 0 ? (double?)null : row.Accuracy,
                        spread = row.Results.Count == 0 ? (double?)null : row.Spread,
                        speedup = row.Results.Count == 0 ? (double?)null : row.Speedup,
                    }),
                }
            );
            return;
        }

        var text = new TextTable("row", ">seeds", ">accuracy", ">as fast as dense");
        foreach (var row in rows)
            text.Add(
                row.Row.Name,
                FormattableString.Invariant($"{row.Results.Count}/{row.Seeds}"),
                row.Results.Count == 0 ? "" : Figures.Percent(row.Accuracy, 2),
                row.Results.Count == 0 ? "" : Figures.Fixed(row.Speedup, 2) + "x"
            );
        text.Write(context.Out);
        context.Log($"the page is {page}");
    }
}
