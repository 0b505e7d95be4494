namespace Subp.Training.Engines;

/// <summary>
/// How an engine computes: everything besides network, weights and batch that a provider needs to build one. Two engines of one name
/// with equal settings give the same bits on the same machine.
/// </summary>
public sealed record EngineSettings
{
    /// <summary>The device of the processor.</summary>
    public const string Cpu = "cpu";

    /// <summary>The device: <c>cpu</c>, <c>cuda</c> or <c>cuda:1</c>.</summary>
    public string Device { get; init; } = Cpu;

    /// <summary>The number of threads on the processor, the caller included.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>The seed of the engine's own generator, if it has one. A trainer puts the seed of its recipe here.</summary>
    public ulong Seed { get; init; }

    /// <summary>Let a GPU round the factors of products to 10 bits of mantissa, which its tensor cores take (TF32).</summary>
    public bool AllowTensorFloat32 { get; init; }

    /// <summary>Keep images as [batch][height][width][channels] inside the engine, where it has both layouts.</summary>
    public bool ChannelsLast { get; init; }
}
