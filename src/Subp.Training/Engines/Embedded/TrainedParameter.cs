using Subp.Core.Graphs;
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

    /// <summary>The weights as the products see them, mask included; null where they see the stored values and the mask.</summary>
    public float[]? Rounded { get; private set; }

    /// <summary>One factor per weight, 0 for pruned ones; null where the parameter is not masked.</summary>
    public float[]? Mask { get; private set; }

    /// <summary>How often the mask has been replaced.</summary>
    public int MaskVersion { get; private set; }

    /// <summary>
    /// Rounds some of the output channels to signed bytes with a scale for each, as the conversion to a network of bytes rounds them: a
    /// normalisation behind the layer changes the scales and no byte.
    /// </summary>
    /// <param name="rounding">How.</param>
    /// <param name="from">The first output channel.</param>
    /// <param name="end">The one after the last.</param>
    public void Round(ByteRounding rounding, int from, int end)
    {
        var largest = rounding.LargestWeight;
        var perOutput = Values.Length / rule.Shape[0];
        for (var output = from; output < end; output++)
        {
            var first = output * perOutput;
            float reach = 0;
            for (var i = first; i < first + perOutput; i++)
                reach = Math.Max(reach, Math.Abs(Masked(i)));
            var scale = reach / largest;
            if (!Quantization.IsScale(scale))
                scale = 1;
            for (var i = first; i < first + perOutput; i++)
                Rounded![i] = (float)Math.Clamp(Math.Round((double)Masked(i) / scale, MidpointRounding.ToEven), -largest, largest) * scale;
        }
    }

    /// <summary>Makes a place for rounded weights.</summary>
    /// <returns>The number of output channels.</returns>
    public int PrepareRounding()
    {
        Rounded ??= new float[Values.Length];
        return rule.Shape[0];
    }

    private float Masked(int index) => Mask is null ? Values[index] : Values[index] * Mask[index];

    /// <summary>Masks the parameter from here on.</summary>
    public void SetMask(BlockGrid grid, BlockMask mask)
    {
        Mask ??= new float[Values.Length];
        Array.Fill(Mask, 1f);
        mask.Apply(grid, Mask);
        MaskVersion++;
    }
}
