using Subp.Core.Diagnostics;
using Subp.Core.Text;
using Subp.Training.Sparsification;

namespace Subp.Training.Recipes;

/// <summary>
/// A recipe with which the SUBP authors trained on ImageNet (Xiang et al., NeurIPS 2023). Their code exists with two sets of
/// hyper-parameters, and it is not said which one gave the published figures; both are here. Every row was published with N = 16, the value
/// here, and N = 32.
/// </summary>
/// <param name="Name">The name: network and rate, and <c>-earlier</c> for the set of the code before its release.</param>
/// <param name="Network">The network of the zoo.</param>
/// <param name="Recipe">The recipe.</param>
public sealed record RecipePreset(string Name, string Network, TrainingRecipe Recipe)
{
    // Where the two sets agree: 250 epochs, since the schedule ends at epoch 180 and both stay at the target for some time.
    private static readonly TrainingRecipe s_common = new()
    {
        Method = TrainingMethod.Subp,
        Epochs = 250,
        ScheduleStart = 10,
        ScheduleEnd = 180,
        LabelSmoothing = 0.1,
        SparseRefinement = 2e-4,
        Criterion = ImportanceCriterion.Bpar,
        Variant = SubpVariant.V2,
        BlockLength = 16,
        Shift = 0,
        Flip = true,
        CropArea = 0.08,
    };

    private static readonly TrainingRecipe s_released = s_common with
    {
        BatchSize = 512,
        LearningRate = 0.1,
        Momentum = 0.9,
        WeightDecay = 1e-4,
        Schedule = ScheduleShape.Cubic,
    };

    private static readonly TrainingRecipe s_earlier = s_common with
    {
        BatchSize = 256,
        LearningRate = 0.256,
        Momentum = 0.875,
        WeightDecay = 1.0 / 32768,
        Schedule = ScheduleShape.Linear,
    };

    /// <summary>All presets.</summary>
    public static IReadOnlyList<RecipePreset> All { get; } =
    [
        .. Both("resnet18-60/128", "resnet18", recipe => recipe with { Sparsity = 60.0 / 128 }, releasedBatch: 200),
        .. Both("resnet34-59/128", "resnet34", recipe => recipe with { Sparsity = 59.0 / 128 }),
        // The 1x1 shortcuts of ResNet-50 are pruned too, the only ones that are.
        .. Both("resnet50-66/128", "resnet50", recipe => recipe with { Sparsity = 66.0 / 128, Include = ["stage*"] }),
        .. Both("resnet50-98.5/128", "resnet50", recipe => recipe with { Sparsity = 98.5 / 128, Include = ["stage*"] }),
        .. Both("mobilenetv1-69/128", "mobilenet-v1", recipe => recipe with { Sparsity = 69.0 / 128 }),
    ];

    /// <summary>The recipe of a preset.</summary>
    /// <param name="name">The name of a preset.</param>
    /// <param name="network">The network that is to be trained.</param>
    /// <exception cref="SubpException">SUBP0574: there is none of that name, or it belongs to another network.</exception>
    public static TrainingRecipe Find(string name, string network)
    {
        var preset = All.FirstOrDefault(preset => preset.Name == name);
        if (preset?.Network == network)
            return preset.Recipe;

        var known = All.Where(other => preset is null || other.Network == network).Select(other => other.Name).ToArray();
        throw new SubpException(
            DiagnosticDescriptors.RecipePresetInvalid,
            "--recipe",
            preset is null ? $"'{name}'" : $"'{name}' for the network '{network}'",
            preset is null ? "a published recipe" : $"a preset of '{network}'",
            known.Length == 0 ? "Give the values one by one." : Spelling.Suggest(name, known)
        );
    }

    private static IEnumerable<RecipePreset> Both(
        string name,
        string network,
        Func<TrainingRecipe, TrainingRecipe> with,
        int? releasedBatch = null
    ) =>
        [
            new(name, network, with(s_released with { BatchSize = releasedBatch ?? s_released.BatchSize })),
            new($"{name}-earlier", network, with(s_earlier)),
        ];
}
