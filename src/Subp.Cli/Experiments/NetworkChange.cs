using Subp.Cli.Compression;
using Subp.Compression.Channels;
using Subp.Compression.Precision;
using Subp.Core.Weights;
using Subp.Training.Pruning;

namespace Subp.Cli.Experiments;

/// <summary>What a trained network loses without training, in the words of <c>subp shrink</c> and <c>subp compress</c>.</summary>
internal sealed record NetworkChange
{
    /// <summary>The share of channels that goes first; 0 for none.</summary>
    public double Channels { get; init; }

    /// <summary>Kept channels are a multiple of this.</summary>
    public int Multiple { get; init; } = 1;

    /// <summary>Whether channels of sums go too.</summary>
    public bool Shared { get; init; }

    /// <summary>Which channels go; what the restoration usually takes where it is not named.</summary>
    public string? Criterion { get; init; }

    /// <summary>The share of blocks that every group of a pruned layer loses; 0 for none.</summary>
    public double Sparsity { get; init; }

    /// <summary>The length of blocks.</summary>
    public int BlockLength { get; init; } = 16;

    /// <summary>What is done about channels and blocks.</summary>
    public string Restore { get; init; } = "moments";

    /// <summary>Bits of all weights, or of the first layers of pairs and of all others; none for floats.</summary>
    public IReadOnlyList<int> Bits { get; init; } = [];

    /// <summary>What is done about rounding.</summary>
    public string Compensate { get; init; } = "none";

    /// <summary>
    /// Whether the network becomes one of bytes, as <c>subp quantize</c> makes it; alone, with ranges from the images of
    /// <see cref="Calibration"/> or from batch normalisations.
    /// </summary>
    public bool Int8 { get; init; }

    /// <summary>How many training images statistics are measured on, labels unused; 0 for no data.</summary>
    public int Calibration { get; init; }

    /// <summary>How many images that the network describes statistics are measured on instead; 0 for none.</summary>
    public int Synthetic { get; init; }

    /// <summary>
    /// Passes over these inputs in which what is left, before bits, learns to answer as the large network does, labels unused; 0 for none.
    /// </summary>
    public int Distill { get; init; }

    /// <summary>
    /// Epochs for which the smaller network is trained afterwards, blocks fixed, with a tenth of the learning rate of the large one; 0 for
    /// none.
    /// </summary>
    public int Tune { get; init; }

    /// <summary>What is wrong with the values: what was found and what was expected; null where they are good.</summary>
    public (string Found, string Expected)? Fault()
    {
        static string Words(IEnumerable<string> words) => string.Join(", ", words);
        static bool IsShare(double share) => share is >= 0 and < 1;
        return !IsShare(Channels) || !IsShare(Sparsity) ? ("a share outside 0 to below 1", "channels and sparsity from 0 to below 1")
            : Channels == 0 && Sparsity == 0 && Bits.Count == 0 && !Int8
                ? ("a network that loses nothing", "channels, sparsity, bits or int8")
            : Int8 && (Channels > 0 || Sparsity > 0 || Bits.Count > 0) ? ("int8 beside another change", "int8 alone")
            : Tune > 0 && (Int8 || Bits.Count > 0) ? ("tune beside bits or int8", "tune for floats: a recipe trains for bytes")
            : Multiple < 1 || BlockLength < 1 || Calibration < 0 || Synthetic < 0 || Distill < 0 || Tune < 0
                ? ("a negative number, or 0", "multiple and blockLength of 1 or more")
            : Criterion is not null && !CompressionWords.Criteria.ContainsKey(Criterion)
                ? ($"the criterion '{Criterion}'", Words(CompressionWords.Criteria.Keys))
            : Channels > 0 && !CompressionWords.Channels.ContainsKey(Restore)
                ? ($"'{Restore}' for channels", Words(CompressionWords.Channels.Keys))
            : Sparsity > 0 && !CompressionWords.Blocks.ContainsKey(Restore)
                ? ($"'{Restore}' for blocks", Words(CompressionWords.Blocks.Keys))
            : Calibration > 0 && Synthetic > 0 ? ("synthetic beside calibration", "one of the two")
            : Distill > 0 && Calibration + Synthetic == 0 ? ("distill without calibration", "images to learn the answers to")
            : Distill > 0 && Int8 ? ("distill beside int8", "distill for floats: a recipe trains for bytes")
            : Distill > 0 && Channels > 0 && Restore == "udfc" && Compensate == "udfc"
                ? ("distill beside udfc", "one of the two: UDFC restores channels and bits at once")
            : Criterion == "taylor" && Calibration + Synthetic == 0 ? ("taylor without calibration", "images to measure gradients on")
            : Restore == "noise" && Calibration + Synthetic > 0 ? ("noise beside calibration", "one of the two")
            : !CompressionWords.Compensations.ContainsKey(Compensate)
                ? ($"the compensation '{Compensate}'", Words(CompressionWords.Compensations.Keys))
            : Bits.Count > 2 || Bits.Any(bits => bits is < 2 or > 16)
                ? (FormattableString.Invariant($"{Bits.Count} numbers of bits"), "one or two from 2 to 16")
            : null;
    }

    /// <summary>The same as commands plan it.</summary>
    /// <param name="calibration">The inputs of <see cref="Calibration"/> or <see cref="Synthetic"/>, or null.</param>
    public CompressionPlan Plan(IReadOnlyList<float[]>? calibration)
    {
        ChannelOptions? channels = null;
        if (Channels > 0)
        {
            var restoration = CompressionWords.Channels[Restore];
            channels = new ChannelOptions
            {
                Ratio = Channels,
                Multiple = Multiple,
                Shared = Shared,
                Restoration = restoration,
                Criterion = Criterion is null ? CompressionWords.Usual(restoration) : CompressionWords.Criteria[Criterion],
            };
        }

        Func<Model, IReadOnlyDictionary<string, int>>? bits = Bits switch
        {
            [] => null,
            [var all] => model => LayerBits.Uniform(model.Graph, all),
            [var low, var high, ..] => model => PairedPrecision.Bits(model.Graph, low, high),
        };
        return new CompressionPlan(
            channels,
            new PruneOptions { BlockLength = BlockLength, Sparsity = Sparsity },
            Sparsity > 0 ? CompressionWords.Blocks[Restore] : default,
            bits,
            CompressionWords.Compensations[Compensate],
            calibration
        )
        {
            Distillation = Distill,
        };
    }
}
