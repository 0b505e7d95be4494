using System.CommandLine;
using Subp.Cli.Failures;
using Subp.Cli.Files;
using Subp.Cli.Inputs;
using Subp.Cli.Models;
using Subp.Cli.Terminal;
using Subp.Cli.Training;
using Subp.Compiler;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Inspection;
using Subp.Training.Data;
using Subp.Training.Models;
using Subp.Training.Recipes;
using Subp.Training.Runs;

namespace Subp.Cli.Commands;

/// <summary>Trains a network into a run folder and leaves the packed bundle in it.</summary>
internal sealed class TrainCommand : SubpCommand
{
    private readonly Option<string?> _config = new("--config", "-c")
    {
        Description = "A recipe.json; options on the command line win over it.",
        HelpName = "path",
    };
    private readonly Option<string> _model = new("--model", "-m")
    {
        Description = "The network.",
        DefaultValueFactory = _ => FashionResNet8.Name,
    };
    private readonly Option<string?> _dataDirectory = CommonOptions.DataDirectory();
    private readonly Option<string?> _output = CommonOptions.Output("The run folder. Default: runs/<model>-<method>.");
    private readonly Option<bool> _force = CommonOptions.Force();
    private readonly Option<bool> _resume = new("--resume") { Description = "Go on after the last complete epoch of the run folder." };
    private readonly Option<int?> _threads = new("--threads", "-t")
    {
        Description = "The number of threads. Default: one for each processor.",
        HelpName = "n",
    };
    private readonly Option<int?> _trainingImages = new("--limit-train-images")
    {
        Description = "Train on the first images only.",
        HelpName = "n",
    };
    private readonly Option<int?> _testImages = new("--limit-test-images")
    {
        Description = "Test on the first images only.",
        HelpName = "n",
    };
    private readonly Option<bool> _fastDevRun = new("--fast-dev-run")
    {
        Description = "Two epochs of a few steps, to see that everything fits together.",
    };
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Print the effective recipe and write nothing." };
    private readonly RecipeOptionSet _recipe;

    /// <summary>Creates the verb.</summary>
    public TrainCommand()
        : base("train", "Train a network, dense or with uniform 1xN block sparsity, and leave a bundle to compile.")
    {
        _model.AcceptOnlyFromAmong([FashionResNet8.Name, .. ModelZoo.Names]);
        foreach (var option in new Option[] { _threads, _trainingImages, _testImages })
            option.AtLeast(1);
        foreach (var option in new Option[] { _config, _model, _dataDirectory, _output, _force, _resume })
            Add(option);
        _recipe = new RecipeOptionSet().AddTo(this);
        foreach (var option in new Option[] { _threads, _trainingImages, _testImages, _fastDevRun, _dryRun, CommonOptions.Json() })
            Add(option);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [
            (
                "subp train --method subp --block-size 16 --sparsity 0.75 --epochs 30 -o runs/sparse",
                "sparse training on the bundled images"
            ),
            ("subp train --config runs/sparse/recipe.json --seed 7 -o runs/seed7", "the same recipe with another seed"),
            ("subp train --resume -o runs/sparse", "go on where Ctrl-C stopped it; the result is the same bits"),
            ("subp train --method dense --data-dir /usr/share/datasets/fashion-mnist", "the full data set"),
        ];

    /// <inheritdoc/>
    public override int Execute(ParseResult arguments, CommandContext context)
    {
        var resume = arguments.GetValue(_resume);
        var output = arguments.GetValue(_output);
        if (resume && output is not null && Directory.Exists(output))
            RunFolder.RequireRun(output);
        var recipe = Recipe(arguments, resume ? output : null);
        output ??= Path.Combine("runs", $"{arguments.GetValue(_model)}-{recipe.Method.ToString().ToLowerInvariant()}");
        if (arguments.GetValue(_dryRun))
        {
            context.Out.Write(RecipeFile.Print(recipe));
            return ExitCodes.Success;
        }

        RequireFolder(output, resume, arguments.GetValue(_force));
        var folder = BundledImages.Folder(arguments.GetValue(_dataDirectory));
        var (trainingLimit, testLimit) = arguments.GetValue(_fastDevRun)
            ? (recipe.BatchSize * 4, recipe.BatchSize * 2)
            : (arguments.GetValue(_trainingImages) ?? int.MaxValue, arguments.GetValue(_testImages) ?? int.MaxValue);
        var training = TrainingSession.Limit(FashionMnist.ReadTraining(folder), trainingLimit, "training images");
        var test = TrainingSession.Limit(FashionMnist.ReadTest(folder), testLimit, "test images");
        var options = new TrainingOptions
        {
            Folder = output,
            Resume = resume,
            Overwrite = arguments.GetValue(_force),
            Threads = arguments.GetValue(_threads) ?? Environment.ProcessorCount,
        };
        var result = TrainingSession.Run(
            $"training {arguments.GetValue(_model)}",
            recipe,
            Network(arguments.GetValue(_model)!),
            training,
            test,
            options,
            context
        );

        var model = PassPipeline.Pack(result.Model);
        WidenedBlocks.Between(result.Model.Graph, model.Graph).Report(context, output);
        var subp = Path.Combine(output, BundleFile.DefaultStem + ".subp");
        // The folder is this run's own: what an earlier end of the same run left may be replaced.
        using var outputs = new OutputSet(force: true);
        BundleFile.Write(outputs, subp, model);
        outputs.Commit();
        Print(context, output, subp, recipe, result, LayerCost.Total(model.Graph));
        return ExitCodes.Success;
    }

    // Every network of the zoo takes images of any extent; one that shrinks them to nothing says so.
    private static Graph Network(string name) =>
        name == FashionResNet8.Name
            ? FashionResNet8.Build(FashionMnist.Metadata)
            : ModelZoo.Build(name, new TensorShape(1, 1, 28, 28), FashionMnist.Metadata.ClassNames.Count, FashionMnist.Metadata);

    private TrainingRecipe Recipe(ParseResult arguments, string? resumed)
    {
        var file = arguments.GetValue(_config) ?? (resumed is null ? null : Path.Combine(resumed, "recipe.json"));
        if (file is not null && !File.Exists(file))
            throw new SubpException(FailureReport.NotFound(file));
        var recipe = _recipe.Apply(file is null ? new TrainingRecipe() : RecipeFile.Read(file), arguments);
        return arguments.GetValue(_fastDevRun) ? recipe with { Epochs = 2, ScheduleStart = 0, ScheduleEnd = 1, WarmupEpochs = 0 } : recipe;
    }

    private static void RequireFolder(string output, bool resume, bool force)
    {
        if (File.Exists(output))
            throw new SubpException(
                DiagnosticDescriptors.OutputExists,
                output,
                "a file",
                "a folder or nothing",
                "Choose another --output."
            );
        if (resume && !Directory.Exists(output))
            throw new SubpException(FailureReport.NotFound(output));
        if (resume)
            RunFolder.RequireRun(output);
        if (!resume && !force && Directory.Exists(output) && Directory.EnumerateFileSystemEntries(output).Any())
            throw new SubpException(
                DiagnosticDescriptors.OutputExists,
                output,
                "a folder that is not empty",
                "a new or empty one",
                "Pass --resume to go on, --force to start over, or choose another --output."
            );
    }

    private void Print(CommandContext context, string folder, string subp, TrainingRecipe recipe, TrainingResult result, LayerCost cost)
    {
        if (context.Json)
        {
            JsonOutput.Write(
                context.Out,
                Name,
                new
                {
                    folder,
                    subp,
                    method = recipe.Method,
                    epochs = result.History.Count,
                    result.TestAccuracy,
                    result.SecondsPerEpoch,
                    result.Engine,
                    forwardShareOfPeak = result.Profile?.ForwardShareOfPeak,
                    backwardShareOfPeak = result.Profile?.BackwardShareOfPeak,
                    cost.DenseWeights,
                    cost.KeptWeights,
                    cost.DenseMacs,
                    cost.KeptMacs,
                    history = result.History,
                }
            );
            return;
        }

        var table = new TextTable("", ">result");
        table.Add("test accuracy", Figures.Percent(result.TestAccuracy, 2));
        table.Add("kept weights", $"{Figures.Count(cost.KeptWeights)} of {Figures.Count(cost.DenseWeights)}");
        table.Add("MACs per image", $"{Figures.Short(cost.KeptMacs)} of {Figures.Short(cost.DenseMacs)}");
        table.Add("seconds per epoch", Figures.Fixed(result.SecondsPerEpoch, 1));
        if (result.Profile is { } profile)
            table.Add(
                "convolutions, of FMA peak",
                $"{Figures.Percent(profile.ForwardShareOfPeak, 0)} forward, {Figures.Percent(profile.BackwardShareOfPeak, 0)} backward"
            );
        table.Add("bundle", subp);
        table.Write(context.Out);
    }
}
