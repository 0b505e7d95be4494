namespace Subp.Roslyn;

/// <summary>
/// Runs a session of several inputs or outputs on spans in which they follow each other, for tools that treat all networks alike. The
/// memory of each is kept, so that a run allocates nothing.
/// </summary>
internal sealed class JoinedPorts
{
    private readonly ReadOnlyMemory<float>[] _inputs;
    private readonly Memory<float>[] _writable;
    private readonly Memory<float>[] _outputs;
    private readonly RunByOrder _run;
    private readonly RunProfiledByOrder _runProfiled;

    public JoinedPorts(object session, IReadOnlyList<int> inputs, IReadOnlyList<int> outputs)
    {
        _writable = [.. inputs.Select(length => new float[length].AsMemory())];
        _inputs = [.. _writable.Select(memory => (ReadOnlyMemory<float>)memory)];
        _outputs = [.. outputs.Select(length => new float[length].AsMemory())];
        _run = Create<RunByOrder>(session, "Run", typeof(ReadOnlySpan<ReadOnlyMemory<float>>), typeof(ReadOnlySpan<Memory<float>>));
        _runProfiled = Create<RunProfiledByOrder>(
            session,
            "RunProfiled",
            typeof(ReadOnlySpan<ReadOnlyMemory<float>>),
            typeof(ReadOnlySpan<Memory<float>>),
            typeof(Span<double>)
        );
    }

    private delegate void RunByOrder(ReadOnlySpan<ReadOnlyMemory<float>> inputs, ReadOnlySpan<Memory<float>> outputs);

    private delegate void RunProfiledByOrder(
        ReadOnlySpan<ReadOnlyMemory<float>> inputs,
        ReadOnlySpan<Memory<float>> outputs,
        Span<double> microsecondsPerLayer
    );

    public void Run(ReadOnlySpan<float> input, Span<float> output)
    {
        Read(input, output);
        _run(_inputs, _outputs);
        Write(output);
    }

    public void RunProfiled(ReadOnlySpan<float> input, Span<float> output, Span<double> microsecondsPerLayer)
    {
        Read(input, output);
        _runProfiled(_inputs, _outputs, microsecondsPerLayer);
        Write(output);
    }

    private void Read(ReadOnlySpan<float> input, Span<float> output)
    {
        if (input.Length != _writable.Sum(memory => memory.Length))
            throw new ArgumentException($"Found inputs of {input.Length} floats.", nameof(input));
        if (output.Length != _outputs.Sum(memory => memory.Length))
            throw new ArgumentException($"Found outputs of {output.Length} floats.", nameof(output));
        foreach (var memory in _writable)
        {
            input[..memory.Length].CopyTo(memory.Span);
            input = input[memory.Length..];
        }
    }

    private void Write(Span<float> output)
    {
        foreach (var memory in _outputs)
        {
            memory.Span.CopyTo(output);
            output = output[memory.Length..];
        }
    }

    private static T Create<T>(object session, string name, params Type[] parameters)
        where T : Delegate =>
        (
            session.GetType().GetMethod(name, parameters) ?? throw new MissingMethodException(session.GetType().FullName, name)
        ).CreateDelegate<T>(session);
}
