namespace Subp.Training.Sparsification;

/// <summary>How the importance of a block is measured. Scores are compared inside one group only.</summary>
public enum ImportanceCriterion
{
    /// <summary>Block pruning via angular redundancy: share of the L1 norm minus share of the absolute cosines (SUBP).</summary>
    Bpar,

    /// <summary>The sum of absolute weights of the block.</summary>
    L1,

    /// <summary>The Euclidean norm of the block.</summary>
    L2,
}
