namespace Subp.Fuzzing;

/// <summary>How the mutations of one target ended.</summary>
public sealed class FuzzReport
{
    /// <summary>The reader.</summary>
    public required string Target { get; init; }

    /// <summary>Mutations that gave a value that passed its checks.</summary>
    public int Accepted { get; set; }

    /// <summary>Mutations that were answered with a diagnostic.</summary>
    public int Refused { get; set; }

    /// <summary>How often each diagnostic was the answer.</summary>
    public SortedDictionary<string, int> Diagnostics { get; } = new(StringComparer.Ordinal);

    /// <summary>The largest number of bytes that a read allocated beyond the size of its file.</summary>
    public long LargestAllocation { get; set; }

    /// <summary>The size of the file of <see cref="LargestAllocation"/>.</summary>
    public int LargestAllocationFile { get; set; }

    /// <summary>What went wrong.</summary>
    public List<FuzzFailure> Failures { get; } = [];
}
