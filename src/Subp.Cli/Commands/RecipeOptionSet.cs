using System.CommandLine;
using System.CommandLine.Parsing;
using Subp.Core.Text;
using Subp.Training.Recipes;
using Subp.Training.Sparsification;

namespace Subp.Cli.Commands;

/// <summary>One option for every value of a recipe; what the user does not name keeps the value of the recipe below it.</summary>
internal sealed class RecipeOptionSet
{
    private readonly List<(Option Option, Func<TrainingRecipe, ParseResult, TrainingRecipe> Apply)> _options = [];
    private readonly Option<int> _epochs;
    private readonly Option<int> _scheduleStart;
    private readonly Option<int> _scheduleEnd;

    /// <summary>Creates the options.</summary>
    public RecipeOptionSet()
    {
        Define<TrainingMethod>(
            "--method",
            "dense, subp, 1xn, sr-ste, dpf, filter, or fixed (the blocks of --init); docs/recipes.md explains them.",
            (recipe, value) => recipe with { Method = value }
        ).CustomParser = ReadMethod;
        _epochs = Define<int>("--epochs", "Passes over the training images.", (recipe, value) => recipe with { Epochs = value });
        Define<int>("--batch-size", "Images of a step.", (recipe, value) => recipe with { BatchSize = value }, "-b");
        Define<double>(
            "--learning-rate",
            "The learning rate at the start of the cosine.",
            (recipe, value) => recipe with { LearningRate = value },
            "--lr"
        );
        Define<double>(
            "--warmup-epochs",
            "Epochs during which the learning rate rises from zero.",
            (recipe, value) => recipe with { WarmupEpochs = value }
        );
        Define<double>("--momentum", "The momentum of SGD.", (recipe, value) => recipe with { Momentum = value });
        Define<double>("--weight-decay", "L2 decay of weights.", (recipe, value) => recipe with { WeightDecay = value }, "--wd");
        Define<double>(
            "--label-smoothing",
            "The share of the target that is spread over all classes.",
            (recipe, value) => recipe with { LabelSmoothing = value }
        );
        Define<int>(
            "--shift",
            "Images in memory: the largest random shift of a training image, in pixels.",
            (recipe, value) => recipe with { Shift = value }
        );
        Define<bool>(
            "--flip",
            "Whether training images are mirrored at random: true or false.",
            (recipe, value) => recipe with { Flip = value }
        );
        Define<double>(
            "--crop-area",
            "Image folders: the smallest share of an image that a random crop takes.",
            (recipe, value) => recipe with { CropArea = value }
        );
        Define<int>("--block-length", "N of the 1xN blocks.", (recipe, value) => recipe with { BlockLength = value }, "-N");
        Define<double>("--sparsity", "The share of pruned blocks at the end.", (recipe, value) => recipe with { Sparsity = value });
        Define<ImportanceCriterion>(
            "--criterion",
            "How blocks are scored: bpar, l1 or l2.",
            (recipe, value) => recipe with { Criterion = value }
        );
        Define<SubpVariant>(
            "--variant",
            "Which weights are scored: v1 (dense) or v2 (masked).",
            (recipe, value) => recipe with { Variant = value }
        );
        Define<ScheduleShape>(
            "--schedule",
            "The way to the sparsity: linear, cosine, exponential or cubic.",
            (recipe, value) => recipe with { Schedule = value }
        );
        _scheduleStart = Define<int>("--schedule-start", "The last dense epoch.", (recipe, value) => recipe with { ScheduleStart = value });
        _scheduleEnd = Define<int>(
            "--schedule-end",
            "The first epoch at the full sparsity.",
            (recipe, value) => recipe with { ScheduleEnd = value }
        );
        Define<double>(
            "--sparse-refinement",
            "Lambda of SR-STE, the extra decay of pruned weights.",
            (recipe, value) => recipe with { SparseRefinement = value }
        );
        Define<double>("--alpha", "The weight of the redundancy in BPAR.", (recipe, value) => recipe with { Alpha = value });
        Define<double>("--tau", "The temperature of the regrowth.", (recipe, value) => recipe with { Tau = value });
        Define<bool>(
            "--regrowth",
            "subp: whether pruned blocks can come back: true or false.",
            (recipe, value) => recipe with { Regrowth = value }
        );
        Define<bool>(
            "--rearrange",
            "1xn: put filters in the order of their norm before blocks are pruned: true or false.",
            (recipe, value) => recipe with { Rearrange = value }
        );
        Define<int>("--kept-weights", "sr-ste: N of N:M.", (recipe, value) => recipe with { KeptWeights = value });
        Define<int>("--of-weights", "sr-ste: M of N:M.", (recipe, value) => recipe with { OfWeights = value });
        Define<double>(
            "--distillation",
            "The share of the loss that is the distance to the answers of --teacher.",
            (recipe, value) => recipe with { Distillation = value }
        );
        Define<double>(
            "--temperature",
            "The temperature at which the answers of teacher and pupil are compared.",
            (recipe, value) => recipe with { Temperature = value }
        );
        Define<int>(
            "--min-input-channels",
            "Layers with fewer input channels stay dense.",
            (recipe, value) => recipe with { MinimumInputChannels = value }
        );
        Define<string[]>(
            "--include",
            "Names of layers to prune, * allowed. May be repeated.",
            (recipe, value) => recipe with { Include = value }
        );
        Define<string[]>(
            "--exclude",
            "Names of layers to keep dense, * allowed. May be repeated.",
            (recipe, value) => recipe with { Exclude = value }
        );
        Define<TrainedArithmetic>(
            "--quantize",
            "What the trained network is to compute on: float, or int8: the training rounds as a network of bytes does, and leaves one.",
            (recipe, value) => recipe with { Quantize = value }
        );
        Define<int>(
            "--weight-bits",
            "With --quantize int8: the bits of a weight, 8 or 7.",
            (recipe, value) => recipe with { WeightBits = value }
        );
        Define<ulong>("--seed", "The seed of everything random.", (recipe, value) => recipe with { Seed = value });
    }

    /// <summary>Adds the options to a command.</summary>
    public RecipeOptionSet AddTo(Command command)
    {
        foreach (var (option, _) in _options)
            command.Add(option);
        return this;
    }

    /// <summary>A recipe with what the user names in place of its own values.</summary>
    /// <exception cref="Core.Diagnostics.SubpException">A value is out of range.</exception>
    public TrainingRecipe Apply(TrainingRecipe recipe, ParseResult arguments)
    {
        var given = recipe;
        foreach (var (option, apply) in _options)
        {
            if (IsGiven(option, arguments))
                given = apply(given, arguments);
        }

        // Fewer epochs than the schedule of the recipe expects: a schedule that the user did not ask for shrinks with them.
        if (IsGiven(_epochs, arguments) && given.Epochs > 0 && given.ScheduleEnd >= given.Epochs && !IsGiven(_scheduleEnd, arguments))
        {
            var end = Math.Min(given.Epochs - 1, (int)((long)recipe.ScheduleEnd * given.Epochs / recipe.Epochs));
            given = given with
            {
                ScheduleEnd = end,
                ScheduleStart = IsGiven(_scheduleStart, arguments)
                    ? given.ScheduleStart
                    : Math.Min(given.ScheduleStart, Math.Max(0, end - 1)),
            };
        }

        if (IsGiven(_epochs, arguments) && given.WarmupEpochs >= given.Epochs)
            given = given with { WarmupEpochs = 0 };
        RecipeRules.Verify(given);
        return given;
    }

    private static bool IsGiven(Option option, ParseResult arguments) => arguments.GetResult(option) is { Implicit: false };

    private static TrainingMethod ReadMethod(ArgumentResult result)
    {
        var word = result.Tokens.Count > 0 ? result.Tokens[^1].Value : "";
        if (MethodNames.All.TryGetValue(word.ToLowerInvariant(), out var method))
            return method;
        result.AddError($"--method {word}. {Spelling.Suggest(word, MethodNames.All.Keys)}");
        return default;
    }

    private Option<T> Define<T>(string name, string description, Func<TrainingRecipe, T, TrainingRecipe> apply, params string[] aliases)
    {
        var option = new Option<T>(name, aliases) { Description = description };
        _options.Add((option, (recipe, arguments) => apply(recipe, arguments.GetValue(option)!)));
        return option;
    }
}
