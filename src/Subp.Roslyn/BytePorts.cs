namespace Subp.Roslyn;

/// <summary>
/// Runs a session whose input or output is bytes on floats of 0 to 255, for tools that treat all networks alike. The memory of both is
/// kept, so that a run allocates nothing.
/// </summary>
internal sealed class BytePorts
{
    private readonly byte[] _input;
    private readonly byte[] _output;
    private readonly RunPorts _run;
    private readonly RunProfiledPorts _runProfiled;

    public BytePorts(object session, int inputLength, int outputLength, bool isInput, bool isOutput)
    {
        (_input, _output) = (new byte[isInput ? inputLength : 0], new byte[isOutput ? outputLength : 0]);
        T Method<T>(string name)
            where T : Delegate =>
            (session.GetType().GetMethod(name) ?? throw new MissingMethodException(session.GetType().FullName, name)).CreateDelegate<T>(
                session
            );
        if (isInput && isOutput)
        {
            var (run, profiled) = (Method<BytesToBytes>("Run"), Method<BytesToBytesProfiled>("RunProfiled"));
            _run = (_, _) => run(_input, _output);
            _runProfiled = (_, _, times) => profiled(_input, _output, times);
        }
        else if (isInput)
        {
            var (run, profiled) = (Method<BytesToFloats>("Run"), Method<BytesToFloatsProfiled>("RunProfiled"));
            _run = (_, output) => run(_input, output);
            _runProfiled = (_, output, times) => profiled(_input, output, times);
        }
        else
        {
            var (run, profiled) = (Method<FloatsToBytes>("Run"), Method<FloatsToBytesProfiled>("RunProfiled"));
            _run = (input, _) => run(input, _output);
            _runProfiled = (input, _, times) => profiled(input, _output, times);
        }
    }

    private delegate void RunPorts(ReadOnlySpan<float> input, Span<float> output);

    private delegate void RunProfiledPorts(ReadOnlySpan<float> input, Span<float> output, Span<double> times);

    private delegate void BytesToBytes(ReadOnlySpan<byte> input, Span<byte> output);

    private delegate void BytesToBytesProfiled(ReadOnlySpan<byte> input, Span<byte> output, Span<double> times);

    private delegate void BytesToFloats(ReadOnlySpan<byte> input, Span<float> output);

    private delegate void BytesToFloatsProfiled(ReadOnlySpan<byte> input, Span<float> output, Span<double> times);

    private delegate void FloatsToBytes(ReadOnlySpan<float> input, Span<byte> output);

    private delegate void FloatsToBytesProfiled(ReadOnlySpan<float> input, Span<byte> output, Span<double> times);

    public void Run(ReadOnlySpan<float> input, Span<float> output)
    {
        Read(input, output);
        _run(input, output);
        Write(output);
    }

    public void RunProfiled(ReadOnlySpan<float> input, Span<float> output, Span<double> microsecondsPerLayer)
    {
        Read(input, output);
        _runProfiled(input, output, microsecondsPerLayer);
        Write(output);
    }

    private void Read(ReadOnlySpan<float> input, Span<float> output)
    {
        if (_input.Length > 0 && input.Length != _input.Length)
            throw new ArgumentException($"Found an input of {input.Length} bytes, expected {_input.Length}.", nameof(input));
        if (_output.Length > 0 && output.Length != _output.Length)
            throw new ArgumentException($"Found an output of {output.Length} bytes, expected {_output.Length}.", nameof(output));
        for (var index = 0; index < _input.Length; index++)
            _input[index] = (byte)Math.Clamp(input[index], byte.MinValue, byte.MaxValue);
    }

    private void Write(Span<float> output)
    {
        for (var index = 0; index < _output.Length; index++)
            output[index] = _output[index];
    }
}
