using System.Runtime.InteropServices;
using Subp.Core.Diagnostics;

namespace Subp.Cli.OnnxRuntime;

/// <summary>
/// A run of a network of one input and one output that is prepared once: names, values and the memory behind them stay, so that
/// <see cref="Run"/> is one call into the library and nothing else, which is what a timing wants to see.
/// </summary>
internal sealed unsafe class OnnxRuntimePreparedRun : IDisposable
{
    private const int FloatElements = 1;

    private readonly OnnxRuntimeLibrary _library;
    private readonly string _place;
    private readonly nint _session;
    private readonly float[] _output;
    private readonly List<GCHandle> _pinned = [];
    private readonly delegate* unmanaged<nint, nint, nint*, nint*, nuint, nint*, nuint, nint*, nint> _run;
    private nint _memory;
    private nint _input;
    private nint _result;
    private nint _inputName;
    private nint _outputName;

    /// <summary>Prepares a run.</summary>
    /// <param name="library">The library.</param>
    /// <param name="session">The handle of the session.</param>
    /// <param name="place">What to call the network in messages.</param>
    /// <param name="input">The name, floats and shape of the input; the floats are used where they lie.</param>
    /// <param name="output">The name, floats and shape of the output; the floats are written by every run.</param>
    /// <exception cref="SubpException">ONNX Runtime does not take these shapes.</exception>
    public OnnxRuntimePreparedRun(
        OnnxRuntimeLibrary library,
        nint session,
        string place,
        (string Name, float[] Floats, IReadOnlyList<int> Shape) input,
        (string Name, float[] Floats, IReadOnlyList<int> Shape) output
    )
    {
        _library = library;
        _session = session;
        _place = place;
        _output = output.Floats;
        _run = (delegate* unmanaged<nint, nint, nint*, nint*, nuint, nint*, nuint, nint*, nint>)library[OnnxRuntimeFunction.Run];
        try
        {
            nint memory;
            Require(((delegate* unmanaged<int, int, nint*, nint>)library[OnnxRuntimeFunction.CreateCpuMemoryInfo])(0, 0, &memory));
            _memory = memory;
            _inputName = Marshal.StringToCoTaskMemUTF8(input.Name);
            _outputName = Marshal.StringToCoTaskMemUTF8(output.Name);
            _input = Value(input.Floats, input.Shape);
            _result = Value(output.Floats, output.Shape);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The output as the last run left it.</summary>
    public ReadOnlySpan<float> Output => _output;

    /// <summary>Runs the network once.</summary>
    /// <exception cref="SubpException">ONNX Runtime fails.</exception>
    public void Run()
    {
        fixed (
            nint* inputName = &_inputName,
                outputName = &_outputName,
                input = &_input,
                output = &_result
        )
            Require(_run(_session, 0, inputName, input, 1, outputName, 1, output));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _library.Release(OnnxRuntimeFunction.ReleaseValue, _input);
        _library.Release(OnnxRuntimeFunction.ReleaseValue, _result);
        _library.Release(OnnxRuntimeFunction.ReleaseMemoryInfo, _memory);
        Marshal.FreeCoTaskMem(_inputName);
        Marshal.FreeCoTaskMem(_outputName);
        foreach (var handle in _pinned)
            handle.Free();
        _pinned.Clear();
        (_input, _result, _memory, _inputName, _outputName) = (0, 0, 0, 0, 0);
    }

    private nint Value(float[] floats, IReadOnlyList<int> shape)
    {
        var handle = GCHandle.Alloc(floats, GCHandleType.Pinned);
        _pinned.Add(handle);
        var dimensions = shape.Select(extent => (long)extent).ToArray();
        nint value;
        fixed (long* extents = dimensions)
            Require(
                (
                    (delegate* unmanaged<nint, float*, nuint, long*, nuint, int, nint*, nint>)
                        _library[OnnxRuntimeFunction.CreateTensorWithDataAsOrtValue]
                )(
                    _memory,
                    (float*)handle.AddrOfPinnedObject(),
                    (nuint)floats.Length * sizeof(float),
                    extents,
                    (nuint)dimensions.Length,
                    FloatElements,
                    &value
                )
            );
        return value;
    }

    private void Require(nint status) => _library.Require(status, _place);
}
