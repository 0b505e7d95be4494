namespace Subp.Training.Engines.Embedded.Operations;

/// <summary>What a pass through the program is for.</summary>
internal enum PassKind
{
    /// <summary>Predictions: normalisations use their stored statistics.</summary>
    Evaluation,

    /// <summary>Gradients of parameters: normalisations use the statistics of the batch, and store them.</summary>
    Training,

    /// <summary>
    /// Gradients of the input: normalisations use their stored statistics, and pull those of the batch towards them.
    /// </summary>
    Matching,
}
