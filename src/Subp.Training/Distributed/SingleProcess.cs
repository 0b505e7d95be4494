namespace Subp.Training.Distributed;

/// <summary>A process that trains alone: nothing to add, nobody to tell.</summary>
public sealed class SingleProcess : IProcessGroup
{
    /// <summary>The only one.</summary>
    public static readonly SingleProcess Instance = new();

    private SingleProcess() { }

    /// <inheritdoc/>
    public string Description => "one process";

    /// <inheritdoc/>
    public int Rank => 0;

    /// <inheritdoc/>
    public int Size => 1;

    /// <inheritdoc/>
    public IPendingSum BeginSum(float[] values) => Complete.Instance;

    /// <inheritdoc/>
    public void Sum(Span<double> values) { }

    /// <inheritdoc/>
    public void Broadcast(Span<byte> bytes) { }

    /// <inheritdoc/>
    public void Abort(int exitCode) { }

    /// <inheritdoc/>
    public void Dispose() { }

    private sealed class Complete : IPendingSum
    {
        internal static readonly Complete Instance = new();

        public void Advance() { }

        public void Wait() { }
    }
}
