using System.CommandLine;
using Subp.Cli.Failures;
using Subp.Cli.Runs;
using Subp.Cli.Terminal;
using Subp.Tooling.Files;
using Subp.Tooling.Text;
using Subp.Training.Recipes;

namespace Subp.Cli.Commands;

/// <summary>Puts finished runs side by side, in a table and on a page.</summary>
internal sealed class CompareCommand : SubpCommand
{
    private const string StandardPage = "compare.html";
    private readonly Argument<string[]> _runs = new("runs")
    {
        Description = "The folders of finished runs; the first is the one that the others are compared with.",
        Arity = new ArgumentArity(2, 1000),
    };
    private readonly Option<string?> _output = CommonOptions.Output($"The page. Default: {StandardPage}.");
    private readonly Option<bool> _force = CommonOptions.Force();
    private readonly Option<int> _rounds = new("--rounds")
    {
        Description = "Interleaved rounds of timing; 0 leaves compiling and timing out.",
        HelpName = "n",
        DefaultValueFactory = _ => 100,
    };

    /// <summary>Creates the verb.</summary>
    public CompareCommand()
        : base("compare", "Put finished runs side by side: accuracy, size, compiled latency and curves, in a table and on a page.")
    {
        _rounds.AtLeast(0);
        Add(_runs);
        foreach (var option in new Option[] { _output, _force, _rounds, CommonOptions.Json() })
            Add(option);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [
            ("subp compare runs/dense runs/sparse", "the table, and compare.html with the curves"),
            ("subp compare runs/* --rounds 0 --json", "the figures that are in the folders already, for a script"),
        ];

    /// <inheritdoc/>
    public override int Execute(ParseResult arguments, CommandContext context)
    {
        var page = arguments.GetValue(_output) ?? StandardPage;
        using var outputs = new OutputSet(arguments.GetValue(_force));
        var target = outputs.StageFile(page);
        var comparison = RunComparison.Of(arguments.GetRequiredValue(_runs), arguments.GetValue(_rounds), context);
        File.WriteAllText(target, ComparisonPage.Write(comparison));
        outputs.Commit();
        if (context.Json)
            JsonOutput.Write(context.Out, Name, Figures(comparison, page));
        else
            Print(context, comparison);
        context.Log($"the page is {page}");
        return ExitCodes.Success;
    }

    private static void Print(CommandContext context, RunComparison comparison)
    {
        var table = new TextTable([.. ComparisonTable.Heads(comparison)]);
        foreach (var row in ComparisonTable.Rows(comparison))
            table.Add(row);
        table.Write(context.Out);
    }

    private static object Figures(RunComparison comparison, string page) =>
        new
        {
            page,
            runs = comparison.Runs.Select(
                (run, index) =>
                    new
                    {
                        run.Name,
                        run.Folder,
                        network = run.Model.Graph.Name,
                        method = MethodNames.Of(run.Record.Recipe.Method),
                        epochs = run.Record.History.Count,
                        run.TestAccuracy,
                        run.Cost.KeptMacs,
                        run.Cost.KeptWeights,
                        compiled = comparison.Timings.ElementAtOrDefault(index),
                    }
            ),
        };
}
