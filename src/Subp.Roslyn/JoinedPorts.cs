namespace Subp.Roslyn;

/// <summary>
/// Runs a session of several inputs or outputs on spans in which they follow each other, for tools that treat all networks alike. The
/// memory of each is kept, so that a run allocates nothing.
/// </summary>
internal sealed class JoinedPorts
{
    private readonly PortMemory[] _inputs;
    private readonly PortMemory[] _outputs;
    private readonly Action _run;
    private readonly RunTimed _runProfiled;

    public JoinedPorts(object session, IReadOnlyList<ModelPort> inputs, IReadOnlyList<ModelPort> outputs)
    {
        _inputs = [.. inputs.Select(port => new PortMemory(port))];
        _outputs = [.. outputs.Select(port => new PortMemory(port))];
        // In the order of the network, floats and bytes by themselves.
        ReadOnlyMemory<float>[] floats = [.. _inputs.Where(port => !port.IsBytes).Select(port => port.Floats)];
        ReadOnlyMemory<byte>[] bytes = [.. _inputs.Where(port => port.IsBytes).Select(port => port.Bytes)];
        Memory<float>[] floatResults = [.. _outputs.Where(port => !port.IsBytes).Select(port => port.Floats)];
        Memory<byte>[] byteResults = [.. _outputs.Where(port => port.IsBytes).Select(port => port.Bytes)];
        if (bytes.Length + byteResults.Length == 0)
        {
            var (run, profiled) = (Create<OfFloats>(session, "Run"), Create<OfFloatsProfiled>(session, "RunProfiled"));
            _run = () => run(floats, floatResults);
            _runProfiled = times => profiled(floats, floatResults, times);
        }
        else
        {
            var (run, profiled) = (Create<OfBoth>(session, "Run"), Create<OfBothProfiled>(session, "RunProfiled"));
            _run = () => run(floats, bytes, floatResults, byteResults);
            _runProfiled = times => profiled(floats, bytes, floatResults, byteResults, times);
        }
    }

    private delegate void RunTimed(Span<double> microsecondsPerLayer);

    private delegate void OfFloats(ReadOnlySpan<ReadOnlyMemory<float>> inputs, ReadOnlySpan<Memory<float>> outputs);

    private delegate void OfFloatsProfiled(
        ReadOnlySpan<ReadOnlyMemory<float>> inputs,
        ReadOnlySpan<Memory<float>> outputs,
        Span<double> microsecondsPerLayer
    );

    private delegate void OfBoth(
        ReadOnlySpan<ReadOnlyMemory<float>> inputs,
        ReadOnlySpan<ReadOnlyMemory<byte>> byteInputs,
        ReadOnlySpan<Memory<float>> outputs,
        ReadOnlySpan<Memory<byte>> byteOutputs
    );

    private delegate void OfBothProfiled(
        ReadOnlySpan<ReadOnlyMemory<float>> inputs,
        ReadOnlySpan<ReadOnlyMemory<byte>> byteInputs,
        ReadOnlySpan<Memory<float>> outputs,
        ReadOnlySpan<Memory<byte>> byteOutputs,
        Span<double> microsecondsPerLayer
    );

    public void Run(ReadOnlySpan<float> input, Span<float> output)
    {
        Read(input, output);
        _run();
        Write(output);
    }

    public void RunProfiled(ReadOnlySpan<float> input, Span<float> output, Span<double> microsecondsPerLayer)
    {
        Read(input, output);
        _runProfiled(microsecondsPerLayer);
        Write(output);
    }

    private void Read(ReadOnlySpan<float> input, Span<float> output)
    {
        if (input.Length != _inputs.Sum(port => port.Length))
            throw new ArgumentException($"Found inputs of {input.Length} elements.", nameof(input));
        if (output.Length != _outputs.Sum(port => port.Length))
            throw new ArgumentException($"Found outputs of {output.Length} elements.", nameof(output));
        foreach (var port in _inputs)
        {
            port.Fill(input[..port.Length]);
            input = input[port.Length..];
        }
    }

    private void Write(Span<float> output)
    {
        foreach (var port in _outputs)
        {
            port.CopyTo(output[..port.Length]);
            output = output[port.Length..];
        }
    }

    // The form whose parameters are those of the delegate.
    private static T Create<T>(object session, string name)
        where T : Delegate
    {
        Type[] parameters = [.. typeof(T).GetMethod("Invoke")!.GetParameters().Select(parameter => parameter.ParameterType)];
        var method = session.GetType().GetMethod(name, parameters) ?? throw new MissingMethodException(session.GetType().FullName, name);
        return method.CreateDelegate<T>(session);
    }
}
