using System.CommandLine;
using Subp.Cli.Failures;
using Subp.Cli.Quickstart;
using Subp.Cli.Terminal;
using Subp.Tooling.Files;
using Subp.Tooling.Inputs;
using Subp.Tooling.Text;

namespace Subp.Cli.Commands;

/// <summary>
/// Shows the whole product in a few minutes: dense and sparse training, compilation, verification and timing, with a report.
/// </summary>
internal sealed class QuickstartCommand : SubpCommand
{
    private readonly Option<string?> _output = CommonOptions.Output("The folder for everything. Default: quickstart-out.");
    private readonly Option<bool> _force = CommonOptions.Force();
    private readonly Option<string?> _dataDirectory = CommonOptions.DataDirectory();
    private readonly Option<int?> _epochs = new("--epochs")
    {
        Description = "Epochs of each training. Default: those of the preset recipe.",
        HelpName = "n",
    };
    private readonly Option<ulong?> _seed = new("--seed")
    {
        Description = "The seed of both trainings. Default: that of the preset recipes.",
        HelpName = "n",
    };
    private readonly Option<int?> _trainingImages = new("--limit-train-images")
    {
        Description = "Train on the first images only.",
        HelpName = "n",
    };
    private readonly Option<int?> _testImages = new("--limit-test-images")
    {
        Description = "Test and verify on the first images only.",
        HelpName = "n",
    };
    private readonly Option<int> _rounds = new("--rounds")
    {
        Description = "Interleaved rounds of timing.",
        HelpName = "n",
        DefaultValueFactory = _ => 100,
    };

    /// <summary>Creates the verb.</summary>
    public QuickstartCommand()
        : base("quickstart", "Train dense and sparse, compile, verify and time both, and write a report: a few minutes on two cores.")
    {
        foreach (var option in new Option[] { _epochs, _trainingImages, _testImages, _rounds })
            option.AtLeast(1);
        foreach (
            var option in new Option[]
            {
                _output,
                _force,
                _dataDirectory,
                _epochs,
                _seed,
                _trainingImages,
                _testImages,
                _rounds,
                CommonOptions.Json(),
            }
        )
            Add(option);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [
            ("subp quickstart", "everything into ./quickstart-out; open report.html in it"),
            ("subp quickstart -o /tmp/q --force", "another folder, replaced if it holds an earlier quickstart"),
            ("subp quickstart --seed 2", "other random weights, another order of images, another subnetwork"),
            (
                "subp quickstart --epochs 1 --limit-train-images 512 --limit-test-images 64",
                "a run of seconds, to see that everything works here"
            ),
        ];

    /// <inheritdoc/>
    public override int Execute(ParseResult arguments, CommandContext context)
    {
        const string StandardFolder = "quickstart-out";
        var target = arguments.GetValue(_output) ?? StandardFolder;
        var settings = QuickstartSettings.Create(
            BundledImages.Folder(arguments.GetValue(_dataDirectory)),
            arguments.GetValue(_epochs),
            arguments.GetValue(_seed),
            arguments.GetValue(_trainingImages) ?? int.MaxValue,
            arguments.GetValue(_testImages) ?? int.MaxValue,
            arguments.GetValue(_rounds)
        );
        using var outputs = new OutputSet(arguments.GetValue(_force));
        var staged = outputs.StageFolder(target, QuickstartFiles.Report);
        var result = new QuickstartRun(settings, staged, context).Run();
        context.Cancellation.ThrowIfCancellationRequested();
        outputs.Commit();
        if (context.Json)
            JsonOutput.Write(context.Out, Name, QuickstartFiles.Figures(result));
        else
            QuickstartTable.Write(context.Out, result);
        context.Log(
            $"done in {Figures.Duration(TimeSpan.FromSeconds(result.Seconds))}; the report is "
                + $"{Path.Combine(target, QuickstartFiles.Report)}"
        );
        return ExitCodes.Success;
    }
}
