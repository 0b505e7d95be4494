namespace Subp.Roslyn;

/// <summary>
/// A session of a loaded model. Calls go straight to the emitted code; nothing is allocated and nothing is looked up per call.
/// </summary>
public interface ILoadedSession : IDisposable
{
    /// <summary>The number of threads, the caller's included.</summary>
    int Threads { get; }

    /// <summary>The instruction set.</summary>
    Compiler.InstructionSet InstructionSet { get; }

    /// <summary>The names of the layers in the order of execution.</summary>
    IReadOnlyList<string> LayerNames { get; }

    /// <summary>True where all inputs are bytes, which these methods take as numbers from 0 to 255.</summary>
    bool TakesBytes { get; }

    /// <summary>Computes the output of one input. Several inputs or outputs follow each other in their order.</summary>
    /// <param name="input">The input, dense NCHW.</param>
    /// <param name="output">Receives the output, dense NCHW.</param>
    /// <exception cref="ArgumentException">A length is wrong, or the spans overlap.</exception>
    /// <exception cref="ObjectDisposedException">The session was disposed.</exception>
    /// <exception cref="InvalidOperationException">The session is running already.</exception>
    void Run(ReadOnlySpan<float> input, Span<float> output);

    /// <summary>Computes the output of one input and the time of each layer.</summary>
    /// <param name="input">The input, dense NCHW.</param>
    /// <param name="output">Receives the output, dense NCHW.</param>
    /// <param name="microsecondsPerLayer">Receives the microseconds of each layer, in the order of <see cref="LayerNames"/>.</param>
    /// <exception cref="ArgumentException">A length is wrong, or the spans overlap.</exception>
    /// <exception cref="ObjectDisposedException">The session was disposed.</exception>
    /// <exception cref="InvalidOperationException">The session is running already.</exception>
    void RunProfiled(ReadOnlySpan<float> input, Span<float> output, Span<double> microsecondsPerLayer);

    /// <summary>
    /// Copies scratch memory as the last run left it: for tools that look at the values of layers, in models that were compiled to keep
    /// them.
    /// </summary>
    /// <param name="offset">The first float, in the arena of the plan.</param>
    /// <param name="values">Receives the floats.</param>
    /// <exception cref="ArgumentOutOfRangeException">The arena does not have these floats.</exception>
    void ReadArena(int offset, Span<float> values);
}
