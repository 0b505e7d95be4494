using Subp.Core.Graphs;

namespace Subp.Compression.Quantizing;

/// <summary>How a network becomes one of bytes.</summary>
public sealed record Int8Options
{
    /// <summary>Inputs of the network, normalised as it wants them, or null: then ranges come from batch normalisations.</summary>
    public IReadOnlyList<float[]>? Calibration { get; init; }

    /// <summary>
    /// Whether these inputs were made from the network, so that their own range says nothing of what the network will be given: that is as
    /// without inputs.
    /// </summary>
    public bool IsSynthetic { get; init; }

    /// <summary>With calibration inputs: how ranges are chosen from what they give.</summary>
    public RangeMethod Ranges { get; init; } = RangeMethod.MinMax;

    /// <summary>Without calibration inputs: how many deviations from the mean a range reaches.</summary>
    public double Deviations { get; init; } = 6;

    /// <summary>
    /// Without calibration inputs, or with synthetic ones: the range of the input of the network; null for that of normalised pixels.
    /// </summary>
    public ValueRange? InputRange { get; init; }

    /// <summary>What the bytes of the network's input stand for; null for those of its range.</summary>
    public Quantization? InputQuantization { get; init; }

    /// <summary>
    /// How pixels become the numbers of the network's input, an image, where channels differ in it, so that no quantisation says what a
    /// byte stands for; else null. A depthwise layer of one tap then makes the bytes of the input of those of the pixels.
    /// </summary>
    public PixelNormalization? Pixels { get; init; }

    /// <summary>
    /// With <see cref="InputQuantization"/> or <see cref="Pixels"/>: the names of the inputs that these are of; null for all inputs. Of
    /// the others no normalisation says what range they have.
    /// </summary>
    public IReadOnlyCollection<string>? PixelInputs { get; init; }

    /// <summary>
    /// With <see cref="InputQuantization"/> or <see cref="Pixels"/>: whether the caller hands over bytes instead of numbers that become
    /// bytes.
    /// </summary>
    public bool TakesBytes { get; init; }

    /// <summary>
    /// How many bits a weight takes with its sign: 8 for -127 to 127, 7 for -63 to 63. Two products of an unsigned byte and a weight of
    /// 7 bits always fit into 16 bits, so that processors without VNNI add them with one instruction and never saturate.
    /// </summary>
    public int WeightBits { get; init; } = 8;

    /// <summary>Whether biases take back what rounded weights add on average.</summary>
    public bool CorrectsBias { get; init; } = true;

    /// <summary>Why a node stays float, by its name; null for one that may become bytes.</summary>
    public Func<string, string?> FloatReason { get; init; } = static _ => null;

    /// <summary>Whether an input is one of pixels.</summary>
    internal bool ArePixels(string input) => PixelInputs?.Contains(input) ?? true;
}
