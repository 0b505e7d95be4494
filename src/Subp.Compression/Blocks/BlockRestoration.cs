namespace Subp.Compression.Blocks;

/// <summary>What is done about the loss of blocks.</summary>
public enum BlockRestoration
{
    /// <summary>The blocks of the least magnitude go, and nothing is done.</summary>
    None,

    /// <summary>The blocks of the least magnitude go, and batch normalisations get the statistics of the changed layers.</summary>
    BatchNorm,

    /// <summary>
    /// The blocks that the others explain best go, the others take over what they did, and batch normalisations get the statistics of the
    /// changed layers.
    /// </summary>
    Moments,

    /// <summary>
    /// As <see cref="Moments"/>, but what is known of every layer is measured on images of noise that run through the network, in place of
    /// closed forms. It takes longer, and needs no data either.
    /// </summary>
    Noise,
}
