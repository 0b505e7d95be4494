using System.Text.Json.Serialization;
using Subp.Training.Sparsification;

namespace Subp.Training.Recipes;

/// <summary>How the weights become sparse.</summary>
public enum TrainingMethod
{
    /// <summary>They do not.</summary>
    Dense,

    /// <summary>Soft uniform block pruning: masks move every epoch until the schedule ends.</summary>
    Subp,

    /// <summary>1xN: blocks pruned at once by their L1 norm, not uniform, and trained on.</summary>
    [JsonStringEnumMemberName("1xn")]
    OneByN,

    /// <summary>N:M weights with the sparse-refined straight-through estimator.</summary>
    [JsonStringEnumMemberName("sr-ste")]
    SrSte,

    /// <summary>Dynamic pruning with feedback, on 1xN blocks.</summary>
    Dpf,

    /// <summary>Whole filters pruned at once by their L1 norm, and trained on.</summary>
    Filter,

    /// <summary>The blocks that the network came with.</summary>
    Fixed,
}

/// <summary>What the trained network is to compute on.</summary>
public enum TrainedArithmetic
{
    /// <summary>Single-precision numbers.</summary>
    Float,

    /// <summary>Bytes: the training rounds weights and values as a network of bytes does, so that it learns to live with it.</summary>
    Int8,
}

/// <summary>
/// Everything that decides the result of a training besides network and data. The same recipe gives the same bits on the same
/// instruction set. docs/recipes.md explains every value.
/// </summary>
public sealed record TrainingRecipe
{
    /// <summary>Dense or sparse.</summary>
    public TrainingMethod Method { get; init; } = TrainingMethod.Subp;

    /// <summary>The number of passes over the training images.</summary>
    public int Epochs { get; init; } = 30;

    /// <summary>The images of a step. What is left of an epoch after the last full batch is not used in that epoch.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>The learning rate at the start of the cosine.</summary>
    public double LearningRate { get; init; } = 0.1;

    /// <summary>Epochs during which the learning rate rises linearly from zero; may be a fraction.</summary>
    public double WarmupEpochs { get; init; }

    /// <summary>The momentum of SGD.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>L2 decay of weights; 1-D parameters never decay.</summary>
    public double WeightDecay { get; init; } = 5e-4;

    /// <summary>The share of the target spread over all classes.</summary>
    public double LabelSmoothing { get; init; } = 0.1;

    /// <summary>The largest random shift of a training image in pixels; data sets in memory only.</summary>
    public int Shift { get; init; } = 2;

    /// <summary>Whether training images are mirrored at random.</summary>
    public bool Flip { get; init; } = true;

    /// <summary>The smallest share of the area of a training image that a random crop takes; image folders only.</summary>
    public double CropArea { get; init; } = 0.08;

    /// <summary>N, the output channels of a block.</summary>
    public int BlockLength { get; init; } = 16;

    /// <summary>The target share of pruned blocks.</summary>
    public double Sparsity { get; init; } = 0.75;

    /// <summary>How the importance of a block is measured.</summary>
    public ImportanceCriterion Criterion { get; init; } = ImportanceCriterion.Bpar;

    /// <summary>Which weights are scored.</summary>
    public SubpVariant Variant { get; init; } = SubpVariant.V2;

    /// <summary>The shape of the way to the target.</summary>
    public ScheduleShape Schedule { get; init; } = ScheduleShape.Cubic;

    /// <summary>The last dense epoch, t_i.</summary>
    public int ScheduleStart { get; init; } = 2;

    /// <summary>The first epoch at the target, t_f; below <see cref="Epochs"/>.</summary>
    public int ScheduleEnd { get; init; } = 20;

    /// <summary>Lambda of SR-STE: the extra decay of pruned weights.</summary>
    public double SparseRefinement { get; init; } = 2e-4;

    /// <summary>The weight of the redundancy in BPAR.</summary>
    public double Alpha { get; init; } = 1;

    /// <summary>The temperature of the regrowth.</summary>
    public double Tau { get; init; } = 1;

    /// <summary>Method <c>subp</c>: whether pruned blocks can come back.</summary>
    public bool Regrowth { get; init; } = true;

    /// <summary>Method <c>1xn</c>: whether filters are put in the order of their norm before blocks are pruned.</summary>
    public bool Rearrange { get; init; }

    /// <summary>Method <c>sr-ste</c>: N of N:M, the weights that are kept.</summary>
    public int KeptWeights { get; init; } = 2;

    /// <summary>Method <c>sr-ste</c>: M of N:M, the weights of which they are kept.</summary>
    public int OfWeights { get; init; } = 4;

    /// <summary>The share of the loss that is the distance to the teacher's answers; 0 for training without one.</summary>
    public double Distillation { get; init; }

    /// <summary>The temperature at which the answers of teacher and pupil are compared.</summary>
    public double Temperature { get; init; } = 4;

    /// <summary>Layers with fewer input channels stay dense, unless they are included by name.</summary>
    public int MinimumInputChannels { get; init; } = 16;

    /// <summary>Names or patterns with * of layers to prune; empty for the default selection.</summary>
    public IReadOnlyList<string> Include { get; init; } = [];

    /// <summary>Names or patterns with * of layers to keep dense.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>What the trained network is to compute on.</summary>
    public TrainedArithmetic Quantize { get; init; } = TrainedArithmetic.Float;

    /// <summary>With <see cref="Quantize"/>: the bits of a weight with its sign, 8 or 7.</summary>
    public int WeightBits { get; init; } = 8;

    /// <summary>The seed of initial weights, data order, augmentation and regrowth.</summary>
    public ulong Seed { get; init; } = 42;

    /// <summary>The schedule as one value.</summary>
    [JsonIgnore]
    public SparsitySchedule SparsitySchedule => new(Schedule, ScheduleStart, ScheduleEnd);

    /// <summary>The constants of the mask update.</summary>
    [JsonIgnore]
    public SubpOptions SubpOptions => new(Criterion, Variant, Alpha, Tau);

    /// <summary>The recipe with the default for every value that its method does not look at.</summary>
    [JsonIgnore]
    public TrainingRecipe Relevant =>
        Method != TrainingMethod.Dense
            ? this
            : new TrainingRecipe
            {
                Method = Method,
                Epochs = Epochs,
                BatchSize = BatchSize,
                LearningRate = LearningRate,
                WarmupEpochs = WarmupEpochs,
                Momentum = Momentum,
                WeightDecay = WeightDecay,
                LabelSmoothing = LabelSmoothing,
                Shift = Shift,
                Flip = Flip,
                CropArea = CropArea,
                Distillation = Distillation,
                Temperature = Temperature,
                Quantize = Quantize,
                WeightBits = WeightBits,
                Seed = Seed,
            };

    /// <summary>The dense half of the quick start: the 10,000 bundled images in about a minute on two cores.</summary>
    public static TrainingRecipe QuickstartDense { get; } =
        new()
        {
            Method = TrainingMethod.Dense,
            Epochs = 8,
            WarmupEpochs = 0.5,
            Shift = 1,
        };

    /// <summary>
    /// The sparse half of the quick start: from the weights of the dense one, with 75 % of the 1x16 blocks pruned. The target is reached
    /// early, because the weights know already what they are for, and the epochs after it win the accuracy back; half of the learning
    /// rate keeps more of what is there.
    /// </summary>
    public static TrainingRecipe QuickstartSparse { get; } =
        QuickstartDense with
        {
            Method = TrainingMethod.Subp,
            LearningRate = 0.05,
            Schedule = ScheduleShape.Linear,
            ScheduleStart = 0,
            ScheduleEnd = 1,
        };
}
