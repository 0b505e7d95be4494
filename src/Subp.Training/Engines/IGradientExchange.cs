namespace Subp.Training.Engines;

/// <summary>
/// Where the gradients of one process meet those of others, in data-parallel training. An engine with an exchange hands over every
/// gradient while its backward pass goes on with the layers before, and takes all of them back when the pass has ended: what comes back
/// is what the optimiser uses. All calls come from one thread at a time, in the order of <see cref="ITrainingEngine.GradientOrder"/>, which
/// is the same in every step and in every process that trains the same network.
/// </summary>
/// <remarks>
/// The terms of weight decay and SR-STE are added after the exchange: they follow from the weights alone and are the same everywhere.
/// </remarks>
public interface IGradientExchange
{
    /// <summary>A gradient is complete. Must not wait for other processes longer than it takes to pass the values on.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="gradient">Its gradient, in the order of the dense shape; valid during the call only.</param>
    void Send(string parameter, ReadOnlySpan<float> gradient);

    /// <summary>Replaces a gradient by what the optimiser is to use. Comes once per parameter after the last <see cref="Send"/>.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="gradient">The gradient of this process on entry, that of all on return.</param>
    void Receive(string parameter, Span<float> gradient);
}
