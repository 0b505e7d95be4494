namespace Subp.Training.Engines;

/// <summary>Where an engine spent its time.</summary>
/// <param name="Layers">The layers in graph order.</param>
/// <param name="PeakFlopsPerSecond">What all threads together could do if they did nothing but multiply-adds, measured.</param>
/// <param name="Threads">The number of threads.</param>
public sealed record EngineProfile(IReadOnlyList<LayerProfile> Layers, double PeakFlopsPerSecond, int Threads)
{
    /// <summary>The share of the peak that convolutions and linear layers reach in the forward pass; 0 if they did not run.</summary>
    public double ForwardShareOfPeak => Share(layer => layer.ForwardFlops, layer => layer.ForwardSeconds);

    /// <summary>The share of the peak that convolutions and linear layers reach in the backward pass; 0 if they did not run.</summary>
    public double BackwardShareOfPeak => Share(layer => layer.BackwardFlops, layer => layer.BackwardSeconds);

    /// <summary>The time of all layers.</summary>
    public double TotalSeconds => Layers.Sum(layer => layer.ForwardSeconds + layer.BackwardSeconds);

    private double Share(Func<LayerProfile, double> flops, Func<LayerProfile, double> seconds)
    {
        var products = Layers.Where(layer => layer.ForwardFlops > 0).ToArray();
        double time = products.Sum(seconds);
        return time > 0 && PeakFlopsPerSecond > 0 ? products.Sum(flops) / time / PeakFlopsPerSecond : 0;
    }
}

/// <summary>
/// The time and the work of one layer. A multiply-add counts as two floating point operations; masked weights count as dense.
/// </summary>
/// <param name="Name">The graph node.</param>
/// <param name="Kind">The operation, for example <c>conv</c>.</param>
/// <param name="ForwardSeconds">Wall time forward.</param>
/// <param name="BackwardSeconds">Wall time backward: data and weight gradient.</param>
/// <param name="ForwardFlops">Operations forward; zero for layers that are not products.</param>
/// <param name="BackwardFlops">Operations backward.</param>
public sealed record LayerProfile(
    string Name,
    string Kind,
    double ForwardSeconds,
    double BackwardSeconds,
    double ForwardFlops,
    double BackwardFlops
);
