using Subp.Core.Channels;
using Subp.Core.Graphs;
using Subp.Core.Weights;

namespace Subp.Training.Channels;

/// <summary>Which channels of a class come in which order: all of them for a new order, fewer to remove the others.</summary>
/// <param name="Class">The class.</param>
/// <param name="Channels">The channels that stay, in their new order.</param>
public sealed record ChannelSelection(ChannelClass Class, IReadOnlyList<int> Channels)
{
    /// <summary>The values of a parameter with the selected channels along the dimension of a carrier.</summary>
    /// <param name="values">The values, in the order of the shape.</param>
    /// <param name="shape">The shape before.</param>
    /// <param name="carrier">How the parameter carries the channels.</param>
    /// <exception cref="ArgumentException">The values do not belong to the shape.</exception>
    public float[] Gather(ReadOnlySpan<float> values, TensorShape shape, ChannelCarrier carrier)
    {
        if (values.Length != shape.ElementCount)
            throw new ArgumentException($"A shape {shape} and {values.Length} values do not belong together.");

        int rows = carrier.Dimension == 0 ? 1 : shape[0];
        int entry = carrier.Repeat;
        for (int dimension = carrier.Dimension + 1; dimension < shape.Rank; dimension++)
            entry *= shape[dimension];

        var gathered = new float[rows * Channels.Count * entry];
        for (int row = 0; row < rows; row++)
        {
            for (int index = 0; index < Channels.Count; index++)
            {
                values
                    .Slice(((row * Class.Channels) + Channels[index]) * entry, entry)
                    .CopyTo(gathered.AsSpan(((row * Channels.Count) + index) * entry, entry));
            }
        }

        return gathered;
    }

    /// <summary>A network with the selected channels of some classes, without block patterns on the parameters that carry them.</summary>
    public static Model Apply(Model model, IReadOnlyList<ChannelSelection> selections)
    {
        var carriers = selections
            .SelectMany(selection => selection.Class.Carriers)
            .Select(carrier => carrier.Parameter)
            .ToHashSet(StringComparer.Ordinal);
        var plain = model.Graph.With(
            parameters:
            [
                .. model.Graph.Parameters.Select(parameter =>
                    carriers.Contains(parameter.Name) ? parameter with { Pattern = null, Bits = null } : parameter
                ),
            ]
        );
        var kept = selections
            .SelectMany(selection => selection.Class.Values.Select(value => (value.Key, Kept: selection.Spread(value.Value))))
            .ToDictionary(value => value.Key, value => value.Kept, StringComparer.Ordinal);
        return ChannelRewriter.Take(new Model(plain, model.Weights), kept);
    }

    // A channel of a flattened map is as many features as it has pixels.
    private int[] Spread(int repeat) => [.. Channels.SelectMany(channel => Enumerable.Range(channel * repeat, repeat))];
}
