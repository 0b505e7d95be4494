using System.Reflection;

namespace Subp.Roslyn;

/// <summary>Delegates over the session object of an emitted model.</summary>
internal sealed class LoadedSession : ILoadedSession
{
    private readonly IDisposable _session;
    private readonly long _arenaBytes;
    private readonly RunMethod _run;
    private readonly RunProfiledMethod _runProfiled;

    internal LoadedSession(
        object session,
        Compiler.InstructionSet instructionSet,
        long arenaBytes,
        IReadOnlyList<ModelPort> inputs,
        IReadOnlyList<ModelPort> outputs
    )
    {
        _arenaBytes = arenaBytes;
        var type = session.GetType();
        _session = (IDisposable)session;
        if (inputs.Count == 1 && outputs.Count == 1)
        {
            if (inputs[0].IsBytes || outputs[0].IsBytes)
            {
                var ports = new BytePorts(session, inputs[0].Length, outputs[0].Length, inputs[0].IsBytes, outputs[0].IsBytes);
                (_run, _runProfiled) = (ports.Run, ports.RunProfiled);
            }
            else
            {
                _run = Method(type, nameof(Run)).CreateDelegate<RunMethod>(session);
                _runProfiled = Method(type, nameof(RunProfiled)).CreateDelegate<RunProfiledMethod>(session);
            }
        }
        else
        {
            var joined = new JoinedPorts(session, inputs, outputs);
            (_run, _runProfiled) = (joined.Run, joined.RunProfiled);
        }

        TakesBytes = inputs.All(port => port.IsBytes);
        Threads = (int)type.GetProperty(nameof(Threads))!.GetValue(session)!;
        LayerNames = (IReadOnlyList<string>)type.GetProperty(nameof(LayerNames))!.GetValue(session)!;
        InstructionSet = instructionSet;
    }

    internal delegate void RunMethod(ReadOnlySpan<float> input, Span<float> output);

    internal delegate void RunProfiledMethod(ReadOnlySpan<float> input, Span<float> output, Span<double> microsecondsPerLayer);

    public int Threads { get; }

    public Compiler.InstructionSet InstructionSet { get; }

    public IReadOnlyList<string> LayerNames { get; }

    public bool TakesBytes { get; }

    public void Run(ReadOnlySpan<float> input, Span<float> output) => _run(input, output);

    public void RunProfiled(ReadOnlySpan<float> input, Span<float> output, Span<double> microsecondsPerLayer) =>
        _runProfiled(input, output, microsecondsPerLayer);

    public unsafe void ReadArena(int offset, Span<float> values)
    {
        if (offset < 0 || (offset + (long)values.Length) * sizeof(float) > _arenaBytes)
            throw new ArgumentOutOfRangeException(
                nameof(offset),
                offset,
                $"{values.Length} floats from there do not lie in the arena of {_arenaBytes} bytes."
            );
        var arena =
            _session.GetType().GetField("Arena", BindingFlags.Instance | BindingFlags.NonPublic)
            ?? throw new MissingFieldException(_session.GetType().FullName, "Arena");
        new ReadOnlySpan<float>((float*)Pointer.Unbox(arena.GetValue(_session)!) + offset, values.Length).CopyTo(values);
        GC.KeepAlive(_session);
    }

    public void Dispose() => _session.Dispose();

    private static MethodInfo Method(Type type, string name) =>
        type.GetMethod(name) ?? throw new MissingMethodException(type.FullName, name);
}
