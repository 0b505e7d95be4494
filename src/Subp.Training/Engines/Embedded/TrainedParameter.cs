using Subp.Training.Sparsification;

namespace Subp.Training.Engines.Embedded;

/// <summary>A parameter of the graph inside the engine, in the order of the graph's dense shape.</summary>
internal sealed class TrainedParameter(ParameterRule rule)
{
    /// <summary>The name in the graph.</summary>
    public string Name => rule.Name;

    /// <summary>False for running statistics, which no gradient reaches.</summary>
    public bool IsTrained => rule.IsTrained;

    /// <summary>Whether weight decay applies: to weights, not to biases and normalisation parameters.</summary>
    public bool Decays => rule.Decays;

    /// <summary>The stored dense values, which masking never changes.</summary>
    public float[] Values { get; } = new float[rule.Shape.ElementCount];

    /// <summary>The gradient of the last backward pass.</summary>
    public float[] Gradient { get; } = new float[rule.IsTrained ? rule.Shape.ElementCount : 0];

    /// <summary>The momentum of the optimiser.</summary>
    public float[] Momentum { get; } = new float[rule.IsTrained ? rule.Shape.ElementCount : 0];

    /// <summary>One factor per weight, 0 for pruned ones; null where the parameter is not masked.</summary>
    public float[]? Mask { get; private set; }

    /// <summary>How often the mask has been replaced.</summary>
    public int MaskVersion { get; private set; }

    /// <summary>Masks the parameter from here on.</summary>
    public void SetMask(BlockGrid grid, BlockMask mask)
    {
        Mask ??= new float[Values.Length];
        Array.Fill(Mask, 1f);
        mask.Apply(grid, Mask);
        MaskVersion++;
    }
}
