using Microsoft.ML.OnnxRuntime;
using Subp.Core.Diagnostics;

namespace Subp.Tooling.OnnxRuntime;

/// <summary>
/// A run of a network of one input and one output that is prepared once: names, values and the memory behind them are bound, so that
/// <see cref="Run"/> is one call into the library and nothing else, which is what a timing wants to see.
/// </summary>
internal sealed class OnnxRuntimePreparedRun : IDisposable
{
    private readonly OnnxRuntimeLibrary _library;
    private readonly InferenceSession _session;
    private readonly string _place;
    private readonly float[] _output;
    private readonly RunOptions _options = new();
    private readonly OrtIoBinding _binding;
    private readonly List<OrtValue> _values = [];

    /// <summary>Prepares a run.</summary>
    /// <param name="library">The library.</param>
    /// <param name="session">The session.</param>
    /// <param name="place">What to call the network in messages.</param>
    /// <param name="input">The floats and shape of the input; the floats are used where they lie.</param>
    /// <param name="outputShape">The shape of the output.</param>
    /// <exception cref="SubpException">ONNX Runtime does not take these shapes.</exception>
    public OnnxRuntimePreparedRun(
        OnnxRuntimeLibrary library,
        InferenceSession session,
        string place,
        (float[] Floats, long[] Shape) input,
        long[] outputShape
    )
    {
        _library = library;
        _session = session;
        _place = place;
        _output = new float[checked((int)outputShape.Aggregate(1L, (product, extent) => product * extent))];
        _binding = session.CreateIoBinding();
        try
        {
            library.Call(
                place,
                () =>
                {
                    _binding.BindInput(session.InputNames[0], Value(input.Floats, input.Shape));
                    _binding.BindOutput(session.OutputNames[0], Value(_output, outputShape));
                    return true;
                }
            );
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
        try
        {
            _session.RunWithBinding(_options, _binding);
        }
        catch (OnnxRuntimeException exception)
        {
            throw _library.Failure(_place, exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _binding.Dispose();
        foreach (var value in _values)
            value.Dispose();
        _options.Dispose();
    }

    private OrtValue Value(float[] floats, long[] shape)
    {
        var value = OrtValue.CreateTensorValueFromMemory(floats, shape);
        _values.Add(value);
        return value;
    }
}
