namespace Subp.Compression.Precision;

/// <summary>What is done about the rounding of the first layer of a pair.</summary>
public enum PrecisionCompensation
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Batch normalisations get the statistics of the rounded layers.</summary>
    BatchNorm,

    /// <summary>DF-MPC: the second layer reads each channel of the first with a factor.</summary>
    DfMpc,

    /// <summary>UDFC: the second layer reads what a channel lost from the other channels.</summary>
    Udfc,
}

/// <summary>How many bits weights are rounded to.</summary>
/// <param name="LowBits">Of the first layer of each pair; 2 is ternary.</param>
/// <param name="HighBits">Of all other layers, 2 to 16.</param>
/// <param name="Compensation">What is done about it.</param>
public sealed record PairedPrecisionOptions(int LowBits, int HighBits, PrecisionCompensation Compensation);
