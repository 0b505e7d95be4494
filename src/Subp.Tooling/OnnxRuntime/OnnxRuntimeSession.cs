using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Subp.Core.Diagnostics;

namespace Subp.Tooling.OnnxRuntime;

/// <summary>A network that ONNX Runtime runs on this processor, one operator after the other.</summary>
internal sealed class OnnxRuntimeSession : IDisposable
{
    // Bytes of the graph are unsigned; signed ones of a file are this much smaller.
    private const int SignedOffset = 128;

    private readonly OnnxRuntimeLibrary _library;
    private readonly string _place;
    private readonly InferenceSession _session;

    private OnnxRuntimeSession(OnnxRuntimeLibrary library, string place, Func<InferenceSession> create)
    {
        _library = library;
        _place = place;
        _session = library.Call(place, create);
    }

    /// <summary>The names of the inputs.</summary>
    public IReadOnlyList<string> InputNames => _session.InputNames;

    /// <summary>The names of the outputs.</summary>
    public IReadOnlyList<string> OutputNames => _session.OutputNames;

    /// <summary>A session over the bytes of an ONNX file.</summary>
    /// <param name="library">The library.</param>
    /// <param name="place">What to call the network in messages.</param>
    /// <param name="model">The bytes.</param>
    /// <param name="threads">The threads within an operator.</param>
    /// <param name="optimise">False leaves the graph as it is written, without ONNX Runtime's own optimisation of it.</param>
    /// <exception cref="SubpException">ONNX Runtime does not run this network.</exception>
    public static OnnxRuntimeSession OfBytes(OnnxRuntimeLibrary library, string place, byte[] model, int threads, bool optimise = true) =>
        new(
            library,
            place,
            () =>
            {
                using var options = Options(threads, optimise);
                return new InferenceSession(model, options);
            }
        );

    /// <summary>A session over an ONNX file, whose weights may lie in files beside it.</summary>
    /// <param name="library">The library.</param>
    /// <param name="path">The file.</param>
    /// <param name="threads">The threads within an operator.</param>
    /// <param name="optimise">False leaves the graph as it is written, without ONNX Runtime's own optimisation of it.</param>
    /// <param name="place">What to call the network in messages; null for the file.</param>
    /// <exception cref="SubpException">ONNX Runtime does not run this network.</exception>
    public static OnnxRuntimeSession OfFile(
        OnnxRuntimeLibrary library,
        string path,
        int threads,
        bool optimise = true,
        string? place = null
    ) =>
        new(
            library,
            place ?? path,
            () =>
            {
                using var options = Options(threads, optimise);
                return new InferenceSession(path, options);
            }
        );

    /// <summary>Runs a network of one input and returns every output.</summary>
    /// <param name="input">The input, dense NCHW.</param>
    /// <param name="shape">Its dimensions.</param>
    /// <returns>The outputs in the order of <see cref="OutputNames"/>, dense NCHW; bytes as the numbers 0 to 255.</returns>
    /// <exception cref="SubpException">The network has several inputs or an output of another type, or ONNX Runtime fails.</exception>
    public float[][] Run(float[] input, IReadOnlyList<int> shape)
    {
        if (InputNames.Count != 1)
            throw Failed(FormattableString.Invariant($"{InputNames.Count} inputs"), "one");
        return Run([new OnnxRuntimeInput(input, shape, IsBytes: false)]);
    }

    /// <summary>Runs a network and returns every output.</summary>
    /// <param name="inputs">The inputs in the order of <see cref="InputNames"/>.</param>
    /// <returns>
    /// The outputs in the order of <see cref="OutputNames"/>, dense NCHW; bytes as the numbers 0 to 255, truth as 1.
    /// </returns>
    /// <exception cref="SubpException">An output is of another type, or ONNX Runtime fails.</exception>
    public float[][] Run(IReadOnlyList<OnnxRuntimeInput> inputs) =>
        _library.Call(
            _place,
            () =>
            {
                var values = new List<OrtValue>();
                try
                {
                    using var options = new RunOptions();
                    foreach (var (input, name) in inputs.Zip(InputNames))
                        values.Add(
                            input.IsBytes && _session.InputMetadata[name].ElementDataType == TensorElementType.Int8
                                ? OrtValue.CreateTensorValueFromMemory(
                                    Array.ConvertAll(input.Values, value => (sbyte)(value - SignedOffset)),
                                    Dimensions(input.Shape)
                                )
                            : input.IsBytes
                                ? OrtValue.CreateTensorValueFromMemory(
                                    Array.ConvertAll(input.Values, value => (byte)value),
                                    Dimensions(input.Shape)
                                )
                            : OrtValue.CreateTensorValueFromMemory(input.Values, Dimensions(input.Shape))
                        );
                    using var outputs = _session.Run(options, InputNames, values, OutputNames);
                    return outputs.Select(Floats).ToArray();
                }
                finally
                {
                    values.ForEach(value => value.Dispose());
                }
            }
        );

    /// <summary>Prepares to run a network of one input and one output many times. The session must outlive the run.</summary>
    /// <param name="input">The input, dense NCHW.</param>
    /// <param name="inputShape">Its dimensions.</param>
    /// <param name="outputShape">The dimensions of the output.</param>
    /// <exception cref="SubpException">ONNX Runtime does not take these shapes.</exception>
    public OnnxRuntimePreparedRun Prepare(float[] input, IReadOnlyList<int> inputShape, IReadOnlyList<int> outputShape) =>
        new(_library, _session, _place, (input, Dimensions(inputShape)), Dimensions(outputShape));

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    private static SessionOptions Options(int threads, bool optimise) =>
        new()
        {
            IntraOpNumThreads = threads,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = optimise ? GraphOptimizationLevel.ORT_ENABLE_ALL : GraphOptimizationLevel.ORT_DISABLE_ALL,
        };

    private static long[] Dimensions(IReadOnlyList<int> shape) => [.. shape.Select(extent => (long)extent)];

    private float[] Floats(OrtValue value)
    {
        var type = value.GetTensorTypeAndShape().ElementDataType;
        return type switch
        {
            TensorElementType.Float => value.GetTensorDataAsSpan<float>().ToArray(),
            TensorElementType.Double => Array.ConvertAll(value.GetTensorDataAsSpan<double>().ToArray(), element => (float)element),
            TensorElementType.UInt8 => Array.ConvertAll(value.GetTensorDataAsSpan<byte>().ToArray(), element => (float)element),
            TensorElementType.Int8 => Array.ConvertAll(
                value.GetTensorDataAsSpan<sbyte>().ToArray(),
                element => (float)element + SignedOffset
            ),
            // Classes, positions and masks, which the graph has as floats.
            TensorElementType.Int64 => Array.ConvertAll(value.GetTensorDataAsSpan<long>().ToArray(), element => (float)element),
            TensorElementType.Int32 => Array.ConvertAll(value.GetTensorDataAsSpan<int>().ToArray(), element => (float)element),
            TensorElementType.Bool => Array.ConvertAll(value.GetTensorDataAsSpan<bool>().ToArray(), element => element ? 1f : 0f),
            _ => throw Failed($"an output of element type {type}", "real numbers, bytes, integers or truth values"),
        };
    }

    private SubpException Failed(string found, string expected) => new(DiagnosticDescriptors.OnnxRuntimeFailed, _place, found, expected);
}
