using System.Runtime.InteropServices;
using System.Text;
using Subp.Core.Diagnostics;

namespace Subp.Cli.OnnxRuntime;

/// <summary>A network that ONNX Runtime runs on this processor, one operator after the other, as its own optimisation leaves it.</summary>
internal sealed unsafe class OnnxRuntimeSession : IDisposable
{
    private const int FloatElements = 1;
    private const int Sequential = 0;
    private const int EveryOptimisation = 99;

    private readonly OnnxRuntimeLibrary _library;
    private readonly string _place;
    private nint _session;

    private OnnxRuntimeSession(OnnxRuntimeLibrary library, string place, int threads, SessionFactory create)
    {
        _library = library;
        _place = place;
        nint options = 0;
        try
        {
            Require(((delegate* unmanaged<nint*, nint>)library[OnnxRuntimeFunction.CreateSessionOptions])(&options));
            Require(((delegate* unmanaged<nint, int, nint>)library[OnnxRuntimeFunction.SetIntraOpNumThreads])(options, threads));
            Require(((delegate* unmanaged<nint, int, nint>)library[OnnxRuntimeFunction.SetSessionExecutionMode])(options, Sequential));
            Require(
                ((delegate* unmanaged<nint, int, nint>)library[OnnxRuntimeFunction.SetSessionGraphOptimizationLevel])(
                    options,
                    EveryOptimisation
                )
            );
            Require(create(options, out _session));
            InputNames = Names(OnnxRuntimeFunction.SessionGetInputCount, OnnxRuntimeFunction.SessionGetInputName);
            OutputNames = Names(OnnxRuntimeFunction.SessionGetOutputCount, OnnxRuntimeFunction.SessionGetOutputName);
        }
        catch
        {
            Dispose();
            throw;
        }
        finally
        {
            library.Release(OnnxRuntimeFunction.ReleaseSessionOptions, options);
        }
    }

    private delegate nint SessionFactory(nint options, out nint session);

    /// <summary>The names of the inputs.</summary>
    public IReadOnlyList<string> InputNames { get; } = [];

    /// <summary>The names of the outputs.</summary>
    public IReadOnlyList<string> OutputNames { get; } = [];

    /// <summary>A session over the bytes of an ONNX file.</summary>
    /// <param name="library">The library.</param>
    /// <param name="place">What to call the network in messages.</param>
    /// <param name="model">The bytes.</param>
    /// <param name="threads">The threads within an operator.</param>
    /// <exception cref="SubpException">ONNX Runtime does not run this network.</exception>
    public static OnnxRuntimeSession OfBytes(OnnxRuntimeLibrary library, string place, byte[] model, int threads) =>
        new(
            library,
            place,
            threads,
            (nint options, out nint session) =>
            {
                nint created = 0;
                fixed (byte* bytes = model)
                {
                    var status = (
                        (delegate* unmanaged<nint, byte*, nuint, nint, nint*, nint>)library[OnnxRuntimeFunction.CreateSessionFromArray]
                    )(library.Environment, bytes, (nuint)model.Length, options, &created);
                    session = created;
                    return status;
                }
            }
        );

    /// <summary>A session over an ONNX file, whose weights may lie in files beside it.</summary>
    /// <param name="library">The library.</param>
    /// <param name="path">The file.</param>
    /// <param name="threads">The threads within an operator.</param>
    /// <exception cref="SubpException">ONNX Runtime does not run this network.</exception>
    public static OnnxRuntimeSession OfFile(OnnxRuntimeLibrary library, string path, int threads) =>
        new(
            library,
            path,
            threads,
            (nint options, out nint session) =>
            {
                nint created = 0;
                var encoded = (OperatingSystem.IsWindows() ? Encoding.Unicode : Encoding.UTF8).GetBytes(path + '\0');
                fixed (byte* text = encoded)
                {
                    var status = ((delegate* unmanaged<nint, byte*, nint, nint*, nint>)library[OnnxRuntimeFunction.CreateSession])(
                        library.Environment,
                        text,
                        options,
                        &created
                    );
                    session = created;
                    return status;
                }
            }
        );

    /// <summary>Runs a network of one input and returns every output.</summary>
    /// <param name="input">The input, dense NCHW.</param>
    /// <param name="shape">Its dimensions.</param>
    /// <returns>The outputs in the order of <see cref="OutputNames"/>, dense NCHW.</returns>
    /// <exception cref="SubpException">The network has several inputs or an output that is not of floats, or ONNX Runtime
    /// fails.</exception>
    public float[][] Run(float[] input, IReadOnlyList<int> shape)
    {
        if (InputNames.Count != 1)
            throw new SubpException(
                DiagnosticDescriptors.OnnxRuntimeFailed,
                _place,
                FormattableString.Invariant($"{InputNames.Count} inputs"),
                "one"
            );
        var dimensions = shape.Select(extent => (long)extent).ToArray();
        var inputName = Marshal.StringToCoTaskMemUTF8(InputNames[0]);
        var outputNames = OutputNames.Select(Marshal.StringToCoTaskMemUTF8).ToArray();
        var values = new nint[outputNames.Length];
        nint memory = 0,
            tensor = 0;
        try
        {
            Require(((delegate* unmanaged<int, int, nint*, nint>)_library[OnnxRuntimeFunction.CreateCpuMemoryInfo])(0, 0, &memory));
            fixed (float* data = input)
            fixed (long* extents = dimensions)
            fixed (
                nint* names = outputNames,
                    results = values
            )
            {
                Require(
                    (
                        (delegate* unmanaged<nint, float*, nuint, long*, nuint, int, nint*, nint>)
                            _library[OnnxRuntimeFunction.CreateTensorWithDataAsOrtValue]
                    )(memory, data, (nuint)input.Length * sizeof(float), extents, (nuint)dimensions.Length, FloatElements, &tensor)
                );
                Require(
                    ((delegate* unmanaged<nint, nint, nint*, nint*, nuint, nint*, nuint, nint*, nint>)_library[OnnxRuntimeFunction.Run])(
                        _session,
                        0,
                        &inputName,
                        &tensor,
                        1,
                        names,
                        (nuint)values.Length,
                        results
                    )
                );
            }

            return [.. values.Select(Floats)];
        }
        finally
        {
            foreach (var value in values.Append(tensor))
                _library.Release(OnnxRuntimeFunction.ReleaseValue, value);
            _library.Release(OnnxRuntimeFunction.ReleaseMemoryInfo, memory);
            foreach (var name in outputNames.Append(inputName))
                Marshal.FreeCoTaskMem(name);
        }
    }

    /// <summary>Prepares to run a network of one input and one output many times. The session must outlive the run.</summary>
    /// <param name="input">The input, dense NCHW.</param>
    /// <param name="inputShape">Its dimensions.</param>
    /// <param name="outputShape">The dimensions of the output.</param>
    /// <exception cref="SubpException">ONNX Runtime does not take these shapes.</exception>
    public OnnxRuntimePreparedRun Prepare(float[] input, IReadOnlyList<int> inputShape, IReadOnlyList<int> outputShape) =>
        new(
            _library,
            _session,
            _place,
            (InputNames[0], input, inputShape),
            (OutputNames[0], new float[outputShape.Aggregate(1, (product, extent) => product * extent)], outputShape)
        );

    /// <inheritdoc/>
    public void Dispose()
    {
        _library.Release(OnnxRuntimeFunction.ReleaseSession, _session);
        _session = 0;
    }

    private float[] Floats(nint value)
    {
        nint type = 0;
        try
        {
            int elementType;
            nuint count;
            float* data;
            Require(((delegate* unmanaged<nint, nint*, nint>)_library[OnnxRuntimeFunction.GetTensorTypeAndShape])(value, &type));
            Require(((delegate* unmanaged<nint, int*, nint>)_library[OnnxRuntimeFunction.GetTensorElementType])(type, &elementType));
            if (elementType != FloatElements)
                throw new SubpException(
                    DiagnosticDescriptors.OnnxRuntimeFailed,
                    _place,
                    FormattableString.Invariant($"an output of element type {elementType}"),
                    "floats"
                );
            Require(((delegate* unmanaged<nint, nuint*, nint>)_library[OnnxRuntimeFunction.GetTensorShapeElementCount])(type, &count));
            Require(((delegate* unmanaged<nint, float**, nint>)_library[OnnxRuntimeFunction.GetTensorMutableData])(value, &data));
            return new ReadOnlySpan<float>(data, checked((int)count)).ToArray();
        }
        finally
        {
            _library.Release(OnnxRuntimeFunction.ReleaseTensorTypeAndShapeInfo, type);
        }
    }

    private string[] Names(OnnxRuntimeFunction count, OnnxRuntimeFunction name)
    {
        nint allocator;
        nuint length;
        Require(((delegate* unmanaged<nint*, nint>)_library[OnnxRuntimeFunction.GetAllocatorWithDefaultOptions])(&allocator));
        Require(((delegate* unmanaged<nint, nuint*, nint>)_library[count])(_session, &length));
        var names = new string[checked((int)length)];
        for (var index = 0; index < names.Length; index++)
        {
            byte* text;
            Require(((delegate* unmanaged<nint, nuint, nint, byte**, nint>)_library[name])(_session, (nuint)index, allocator, &text));
            names[index] = OnnxRuntimeLibrary.Text(text);
            Require(((delegate* unmanaged<nint, byte*, nint>)_library[OnnxRuntimeFunction.AllocatorFree])(allocator, text));
        }

        return names;
    }

    private void Require(nint status) => _library.Require(status, _place);
}
