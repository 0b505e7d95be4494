using System.CommandLine;
using Subp.Cli.Failures;
using Subp.Cli.Runs;
using Subp.Cli.Terminal;
using Subp.Cli.Training;
using Subp.Compiler;
using Subp.Core.Diagnostics;
using Subp.Core.Inspection;
using Subp.Core.Text;
using Subp.Tooling.Failures;
using Subp.Tooling.Files;
using Subp.Tooling.Models;
using Subp.Training.Distributed;
using Subp.Training.Models;
using Subp.Training.Recipes;
using Subp.Training.Runs;

namespace Subp.Cli.Commands;

/// <summary>Trains a network into a run folder and leaves the packed bundle in it.</summary>
internal sealed class TrainCommand : SubpCommand
{
    private const double UsualDistillation = 0.5;

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
    private readonly Option<string?> _dataDirectory = CommonOptions.DataDirectory(
        ", or with train and val, in each a folder of .jpg or .png files for every class"
    );
    private readonly Option<string?> _preset = new("--recipe")
    {
        Description =
            "A published recipe for ImageNet, for example resnet18-60/128; docs/imagenet.md lists them. Other options win over it.",
        HelpName = "name",
    };
    private readonly Option<int?> _imageSize = new("--image-size")
    {
        Description = "Image folders: the height and width of the input. Default: 224, or 32 for the CIFAR networks.",
        HelpName = "pixels",
    };
    private readonly Option<int?> _resize = new("--resize")
    {
        Description = "Image folders: the shorter side of a test image before its middle is cut out. Default: 256 for an input of 224.",
        HelpName = "pixels",
    };
    private readonly Option<int?> _workers = new("--workers")
    {
        Description = "Image folders: the threads that decode images. Default: one for each processor.",
        HelpName = "n",
    };
    private readonly Option<bool> _strict = new("--strict")
    {
        Description = "Image folders: end at the first image that cannot be read, instead of leaving it out.",
    };
    private readonly Option<int?> _maxSteps = new("--max-steps")
    {
        Description = "Stop after this many steps and leave a checkpoint, from which --resume goes on as if there had been no stop.",
        HelpName = "n",
    };
    private readonly Option<string?> _output = CommonOptions.Output("The run folder. Default: runs/<model>-<method>.");
    private readonly Option<bool> _force = CommonOptions.Force();
    private readonly Option<string?> _init = new("--init")
    {
        Description = "Start from a trained network: the folder of a run, its .ckpt, weights of PyTorch, an .onnx or a .subp file.",
        HelpName = "path",
    };
    private readonly Option<string?> _teacher = new("--teacher")
    {
        Description =
            "Learn from the answers of a network too: the folder of a run, a .subp or an .onnx file. Share: --distillation, or 0.5.",
        HelpName = "path",
    };
    private readonly Option<bool> _resume = new("--resume") { Description = "Go on after the last complete epoch of the run folder." };
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
    private readonly Option<int> _rounds = new("--rounds")
    {
        Description = "Interleaved rounds of timing for the report of a finished run; 0 leaves compiling and timing out.",
        HelpName = "n",
        DefaultValueFactory = _ => 30,
    };
    private readonly Option<bool> _fastDevRun = new("--fast-dev-run")
    {
        Description = "Two epochs of a few steps, to see that everything fits together.",
    };
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Print the effective recipe and write nothing." };
    private readonly RecipeOptionSet _recipe;
    private readonly EngineOptionSet _engine;

    /// <summary>Creates the verb.</summary>
    public TrainCommand()
        : base("train", "Train a network, dense or with uniform 1xN block sparsity, and leave a bundle to compile.")
    {
        string[] networks = [FashionResNet8.Name, .. ModelZoo.Names];
        _model.HelpName = string.Join('|', networks.Order(StringComparer.Ordinal));
        _model.Validators.Add(result =>
        {
            foreach (var word in result.Tokens.Select(token => token.Value).Where(word => !networks.Contains(word)))
                result.AddError($"--model {word}. {Spelling.Suggest(word, networks)}");
        });
        foreach (var option in new Option[] { _trainingImages, _testImages, _imageSize, _resize, _workers, _maxSteps })
            option.AtLeast(1);
        _rounds.AtLeast(0);
        foreach (
            var option in new Option[]
            {
                _config,
                _preset,
                _model,
                _dataDirectory,
                _imageSize,
                _resize,
                _workers,
                _strict,
                _output,
                _force,
                _init,
                _teacher,
                _resume,
                _maxSteps,
            }
        )
            Add(option);
        _recipe = new RecipeOptionSet().AddTo(this);
        _engine = new EngineOptionSet().AddTo(this);
        foreach (var option in new Option[] { _trainingImages, _testImages, _rounds, _fastDevRun, _dryRun, CommonOptions.Json() })
            Add(option);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [
            (
                "subp train --method subp --block-length 16 --sparsity 0.75 --epochs 30 -o runs/sparse",
                "sparse training on the bundled images"
            ),
            (
                "subp train --init runs/dense --teacher runs/dense --method subp -o runs/tuned",
                "from a dense network to a sparse one that learns from it"
            ),
            (
                "subp train --init runs/sparse --method fixed --quantize int8 --lr 0.01 --epochs 1 -o runs/bytes",
                "an epoch that gets used to bytes; runs/bytes/int8.subp is the result"
            ),
            ("subp train --config runs/sparse/recipe.json --seed 7 -o runs/seed7", "the same recipe with another seed"),
            ("subp train --resume -o runs/sparse", "go on where Ctrl-C stopped it; the result is the same bits"),
            (
                "subp train --engine torchsharp --model resnet18 -o runs/resnet18",
                "with libtorch, once 'subp install-engine torchsharp' was run"
            ),
            ("subp train --method dense --data-dir /usr/share/datasets/fashion-mnist", "the full data set"),
            (
                "subp train -m resnet18 --recipe resnet18-60/128 --data-dir imagenet -o runs/r18",
                "imagenet/train and imagenet/val, a folder for each class"
            ),
        ];

    /// <inheritdoc/>
    public override int Execute(ParseResult arguments, CommandContext context) =>
        Ranks.Run(context, (group, rank) => Execute(arguments, rank, group));

    private int Execute(ParseResult arguments, CommandContext context, IProcessGroup group)
    {
        var resume = arguments.GetValue(_resume);
        var folder = arguments.GetValue(_output);
        var recipe = Ranks.Share(
            group,
            () =>
            {
                // Which run goes on decides what it goes on with.
                folder ??= DefaultFolder(arguments, Recipe(arguments, resumed: null));
                if (resume)
                    RequireRun(folder);
                return Recipe(arguments, resume ? folder : null);
            }
        );
        var output = folder ?? DefaultFolder(arguments, recipe);
        if (arguments.GetValue(_dryRun))
        {
            context.Out.Write(RecipeFile.Print(recipe));
            return ExitCodes.Success;
        }

        if (group.Rank == 0)
            RequireFolder(output, resume, arguments.GetValue(_force));
        var network = arguments.GetValue(_model)!;
        var (trainingLimit, testLimit) = arguments.GetValue(_fastDevRun)
            ? (recipe.BatchSize * 4, recipe.BatchSize * 2)
            : (arguments.GetValue(_trainingImages) ?? int.MaxValue, arguments.GetValue(_testImages) ?? int.MaxValue);
        var recorded = resume ? RunNetwork.Read(output, group) : null;
        var named = IsGiven(_model, arguments) ? network : null;
        var data = TrainingData.Read(
            new TrainingDataRequest(
                arguments.GetValue(_dataDirectory),
                trainingLimit,
                testLimit,
                arguments.GetValue(_imageSize),
                arguments.GetValue(_resize),
                arguments.GetValue(_workers),
                arguments.GetValue(_strict)
            ),
            named ?? recorded?.Name ?? network
        );
        var start = arguments.GetValue(_init) is { } init ? StartingNetwork.Read(init, named, data, recipe.Method, context) : null;
        var graph = start?.Graph ?? ZooGraph.OfRun(recorded, named, data);
        var teacher = arguments.GetValue(_teacher) is { } path ? NetworkFile.Read(path) : null;
        var options = _engine.Apply(
            new TrainingOptions
            {
                Folder = output,
                Resume = resume,
                Overwrite = arguments.GetValue(_force),
                MaxSteps = arguments.GetValue(_maxSteps),
                EpochRead = () => data.ListSkipped(output, group),
                Group = group,
            },
            arguments,
            context
        );
        var result = TrainingSession.Run(
            $"training {network}",
            recipe,
            graph,
            data.Training,
            data.Test,
            options,
            context,
            start?.Weights,
            teacher
        );
        data.ReportSkipped(output, arguments.GetValue(_dataDirectory) ?? "", context, group);
        if (result.StoppedAfterSteps is { } steps)
        {
            TrainSummary.WriteStop(context, Name, output, result, steps);
            return ExitCodes.Success;
        }

        if (group.Rank > 0)
            return ExitCodes.Success;
        var model = PassPipeline.Pack(result.Model);
        WidenedBlocks.Between(result.Model.Graph, model.Graph).Report(context, output);
        var subp = Path.Combine(output, BundleFile.DefaultStem + ".subp");
        // The folder is this run's own: what an earlier end of the same run left may be replaced.
        using var outputs = new OutputSet(force: true);
        BundleFile.Write(outputs, subp, model);
        BundleFile.Write(outputs, Path.Combine(output, UnfoldedNetwork.TrainedStem + ".subp"), result.Model);
        if (recipe.Quantize == TrainedArithmetic.Int8)
            BundleFile.Write(outputs, Path.Combine(output, TrainedBytes.Stem + ".subp"), TrainedBytes.Of(recipe, result));
        outputs.Commit();
        var parent = graph.WithDenseParameters();
        var figures = new RunFigures(recipe, result, LayerCost.Total(model.Graph), LayerCost.Total(parent), Measured: null);
        // First without the compiled networks: should one of them not compile, the page of the training is there all the same.
        RunReport.Write(output, figures);
        if (arguments.GetValue(_rounds) is > 0 and var rounds)
        {
            figures = figures with { Measured = RunMeasurement.Of(model, parent, start?.Weights, data.Test, rounds, context) };
            RunReport.Write(output, figures);
        }

        TrainSummary.Write(context, Name, output, subp, figures);
        return ExitCodes.Success;
    }

    private string DefaultFolder(ParseResult arguments, TrainingRecipe recipe) =>
        Path.Combine("runs", $"{arguments.GetValue(_model)}-{MethodNames.Of(recipe.Method)}");

    private TrainingRecipe Recipe(ParseResult arguments, string? resumed)
    {
        var preset = arguments.GetValue(_preset);
        if (preset is not null && (arguments.GetValue(_config) is not null || resumed is not null))
            throw new SubpException(
                DiagnosticDescriptors.Usage,
                "--recipe",
                $"'{preset}' beside --config or --resume",
                "one recipe to start from"
            );
        var file = arguments.GetValue(_config) ?? (resumed is null ? null : Path.Combine(resumed, "recipe.json"));
        if (file is not null && !File.Exists(file))
            throw new SubpException(FailureReport.NotFound(file));
        var recipe = _recipe.Apply(Base(preset, file, arguments.GetValue(_model)!), arguments);
        if (recipe.Distillation == 0 && arguments.GetValue(_teacher) is not null)
            recipe = recipe with { Distillation = UsualDistillation };
        return arguments.GetValue(_fastDevRun) ? recipe with { Epochs = 2, ScheduleStart = 0, ScheduleEnd = 1, WarmupEpochs = 0 } : recipe;
    }

    private static TrainingRecipe Base(string? preset, string? file, string network) =>
        preset is not null ? RecipePreset.Find(preset, network)
        : file is not null ? RecipeFile.Read(file)
        : new TrainingRecipe();

    private static bool IsGiven(Option option, ParseResult arguments) => arguments.GetResult(option) is { Implicit: false };

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
        if (!resume && !force && !RunFolder.IsFree(output))
            throw new SubpException(
                DiagnosticDescriptors.OutputExists,
                output,
                "a folder that is not empty",
                "a new or empty one",
                "Pass --resume to go on, --force to start over, or choose another --output."
            );
        RunFolder.RequireUsable(output, resume, force);
    }

    private static void RequireRun(string folder)
    {
        if (!Directory.Exists(folder) && !File.Exists(folder))
            throw new SubpException(FailureReport.NotFound(folder));
        RunFolder.RequireRun(folder);
    }
}
