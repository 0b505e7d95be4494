namespace Subp.Training.Engines.Embedded.Operations;

/// <summary>One step of the engine's program: computes its target, and later passes the gradient of its target back.</summary>
internal abstract class EngineOperation : IDisposable
{
    /// <summary>The name of the graph node it belongs to.</summary>
    public required string Name { get; init; }

    /// <summary>The trained parameters whose gradients the backward pass of this operation completes.</summary>
    public virtual IReadOnlyList<TrainedParameter> Parameters => [];

    /// <summary>Multiply-adds per image of the forward pass; zero for everything but convolutions and linear layers.</summary>
    public virtual long MultiplyAddsPerImage => 0;

    /// <summary>How many times those of the forward pass the backward pass needs: 2, or 1 where the input needs no gradient.</summary>
    public virtual int BackwardFactor => 0;

    /// <summary>Stopwatch ticks spent forward.</summary>
    public long ForwardTicks { get; set; }

    /// <summary>Stopwatch ticks spent backward.</summary>
    public long BackwardTicks { get; set; }

    /// <summary>Computes the target for the images of the batch.</summary>
    public abstract void Forward(BatchContext batch);

    /// <summary>Passes the gradient of the target to the sources and parameters. Follows a forward pass in training mode.</summary>
    public abstract void Backward(BatchContext batch);

    /// <inheritdoc/>
    public virtual void Dispose() { }
}
