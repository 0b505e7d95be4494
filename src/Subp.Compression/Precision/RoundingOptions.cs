namespace Subp.Compression.Precision;

/// <summary>What is done about the rounding of weights.</summary>
public enum PrecisionCompensation
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Batch normalisations get the statistics of the rounded layers.</summary>
    BatchNorm,

    /// <summary>DF-MPC: the second layer of a pair reads each channel of the first with a factor.</summary>
    DfMpc,

    /// <summary>UDFC: the layer that alone reads a channel reads what it lost from the other channels.</summary>
    Udfc,

    /// <summary>
    /// The second layer of a pair reads the regression of what the first computed on what it computes now, and batch normalisations get the
    /// statistics of the rounded layers. Layers of 1xN blocks are not rebuilt, which would fill their blocks.
    /// </summary>
    Moments,
}

/// <summary>How many bits weights are rounded to.</summary>
/// <param name="Bits">By the name of a layer: 2 is ternary, up to 16; layers that are not named stay as they are.</param>
/// <param name="Compensation">What is done about it.</param>
public sealed record RoundingOptions(IReadOnlyDictionary<string, int> Bits, PrecisionCompensation Compensation);
