namespace Subp.Benchmarks.Peers.Contenders;

/// <summary>
/// One library that was given one piece of work: the same weights and the same input as all others, prepared as it likes best, since
/// preparation is not timed. What is created first is released last.
/// </summary>
internal interface IContender : IDisposable
{
    /// <summary>The library and what it was asked to use, as the tables call it.</summary>
    string Name { get; }

    /// <summary>What the times include that those of the others do not, or leave out; empty where there is nothing to say.</summary>
    string Remark { get; }

    /// <summary>What a run reads besides its weights; empty where the run makes it itself.</summary>
    ReadOnlySpan<float> Input { get; }

    /// <summary>Does the work once.</summary>
    /// <returns>The time of the part that is compared, in microseconds.</returns>
    double Run();

    /// <summary>The result of the last run, dense NCHW.</summary>
    float[] Output();
}
