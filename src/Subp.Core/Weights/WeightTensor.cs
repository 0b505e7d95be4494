using Subp.Core.Diagnostics;
using Subp.Core.Graphs;

namespace Subp.Core.Weights;

/// <summary>The dense values of one parameter, outermost dimension first; pruned weights are stored as zeros.</summary>
public sealed class WeightTensor
{
    /// <summary>Creates a tensor over <paramref name="values"/>, which are not copied.</summary>
    /// <exception cref="ArgumentException">The number of values is not the element count of the shape.</exception>
    public WeightTensor(TensorShape shape, float[] values)
    {
        if (values.Length != shape.ElementCount)
            throw new ArgumentException($"{values.Length} values for the shape {shape}.", nameof(values));
        Shape = shape;
        Values = values;
    }

    /// <summary>The dense shape.</summary>
    public TensorShape Shape { get; }

    /// <summary>The values; shared, not a copy.</summary>
    public float[] Values { get; }

    /// <summary>Requires every value to be finite.</summary>
    /// <param name="place">Where the tensor comes from and its name, for the message.</param>
    /// <exception cref="SubpException">SUBP0305: a value is NaN or infinite; the message names the first.</exception>
    public void RequireFinite(string place)
    {
        for (var index = 0; index < Values.Length; index++)
        {
            if (!float.IsFinite(Values[index]))
                throw new SubpException(
                    DiagnosticDescriptors.WeightNotFinite,
                    place,
                    FormattableString.Invariant($"{Values[index]} at index {index}"),
                    "finite numbers",
                    "Train again with a smaller learning rate, or repair the file the weights came from."
                );
        }
    }
}
