namespace Subp.Training.Distributed;

/// <summary>
/// The processes that train one network together. Every process calls the same methods in the same order; a call returns when all have
/// what it promises. Not thread-safe: one thread at a time.
/// </summary>
public interface IProcessGroup : IDisposable
{
    /// <summary>A word for reports, for example <c>Open MPI 4.1.4, 4 ranks</c>.</summary>
    string Description { get; }

    /// <summary>The number of this process, from 0. Rank 0 writes files and speaks to the user.</summary>
    int Rank { get; }

    /// <summary>How many processes there are; 1 where this one trains alone.</summary>
    int Size { get; }

    /// <summary>Begins to replace values by their sum over all processes, bit by bit the same in all of them.</summary>
    /// <param name="values">The values; an array that does not move (pinned), not to be touched until the sum is complete.</param>
    IPendingSum BeginSum(float[] values);

    /// <summary>Replaces values by their sum over all processes.</summary>
    void Sum(Span<double> values);

    /// <summary>Replaces the bytes of every process by those of rank 0. The length is the same everywhere.</summary>
    void Broadcast(Span<byte> bytes);

    /// <summary>Ends all processes at once, this one included where the launcher can do so.</summary>
    /// <param name="exitCode">What the launcher is to report.</param>
    void Abort(int exitCode);
}

/// <summary>A sum over processes that is under way.</summary>
public interface IPendingSum
{
    /// <summary>Lets it advance without waiting. Libraries without a thread of their own move data in such calls only.</summary>
    void Advance();

    /// <summary>Waits until it is complete.</summary>
    void Wait();
}
