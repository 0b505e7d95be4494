using System.Diagnostics;
using System.Runtime.InteropServices;
using Subp.Benchmarks.Peers.Layers;

namespace Subp.Benchmarks.Peers.Contenders.OneDnn;

/// <summary>
/// A dense convolution of oneDNN with bias and ReLU, on the layouts that it chooses itself. Conversions to and from them are not timed.
/// </summary>
internal sealed unsafe class OneDnnContender : IContender
{
    private readonly LayerProblem _problem;
    private readonly List<Action> _release = [];
    private readonly OneDnn.Argument[] _arguments;
    private readonly nint _engine;
    private readonly nint _stream;
    private readonly nint _primitive;
    private readonly AlignedFloats _source;
    private readonly nint _destination;
    private readonly void* _destinationLayout;

    /// <summary>Prepares the convolution.</summary>
    /// <param name="problem">The layer.</param>
    /// <param name="paths">The library and what it needs.</param>
    /// <param name="algorithm"><see cref="OneDnn.Direct"/> or <see cref="OneDnn.Winograd"/>.</param>
    /// <exception cref="PeerException">It does not have this algorithm for this layer.</exception>
    public OneDnnContender(LayerProblem problem, IReadOnlyList<string> paths, int algorithm)
    {
        _problem = problem;
        NativeLibraries.Load(OneDnn.Library, paths);
        var version = OneDnn.Version();
        Name = FormattableString.Invariant(
            $"oneDNN {version[0]}.{version[1]}.{version[2]} {(algorithm == OneDnn.Winograd ? "Winograd" : "direct")}"
        );
        try
        {
            Require(OneDnn.CreateEngine(out _engine, OneDnn.Cpu, 0));
            Owned(() => OneDnn.DestroyEngine(_engine));
            Require(OneDnn.CreateStream(out _stream, _engine, OneDnn.DefaultOrder));
            Owned(() => OneDnn.DestroyStream(_stream));

            var shape = problem.Specification;
            var weightShape =
                shape.Groups > 1
                    ? new long[] { shape.Groups, shape.Outputs / shape.Groups, shape.Inputs / shape.Groups, shape.Kernel, shape.Kernel }
                    : [shape.Outputs, shape.Inputs, shape.Kernel, shape.Kernel];
            var description = Describe(problem, weightShape, algorithm);
            byte* text;
            Require(OneDnn.Query(description, OneDnn.QueryImplementation, 0, &text));
            Remark = Marshal.PtrToStringUTF8((nint)text) ?? "";
            Require(OneDnn.CreatePrimitive(out _primitive, description));
            Owned(() => OneDnn.DestroyPrimitive(_primitive));

            _destinationLayout = OneDnn.QueryMemory(description, OneDnn.QueryDestination, 0);
            var (sourceMemory, source) = Memory(OneDnn.QueryMemory(description, OneDnn.QuerySource, 0));
            var (weights, _) = Memory(OneDnn.QueryMemory(description, OneDnn.QueryWeights, 0));
            (_destination, _) = Memory(_destinationLayout);
            _source = source;
            Reorder(
                problem.Input,
                Dimensions(problem.InputShape),
                OneDnn.Nchw,
                sourceMemory,
                OneDnn.QueryMemory(description, OneDnn.QuerySource, 0)
            );
            Reorder(
                problem.Weights,
                weightShape,
                shape.Groups > 1 ? OneDnn.Goihw : OneDnn.Oihw,
                weights,
                OneDnn.QueryMemory(description, OneDnn.QueryWeights, 0)
            );
            var (bias, biasFloats) = Memory(Description([shape.Outputs], OneDnn.Vector));
            problem.Bias.CopyTo(biasFloats.Span);
            _arguments =
            [
                new() { Kind = OneDnn.SourceArgument, Memory = sourceMemory },
                new() { Kind = OneDnn.WeightsArgument, Memory = weights },
                new() { Kind = OneDnn.BiasArgument, Memory = bias },
                new() { Kind = OneDnn.DestinationArgument, Memory = _destination },
            ];
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string Name { get; }

    public string Remark { get; } = "";

    public ReadOnlySpan<float> Input => _source.Span;

    public double Run()
    {
        fixed (OneDnn.Argument* arguments = _arguments)
        {
            var start = Stopwatch.GetTimestamp();
            var status = OneDnn.Execute(_primitive, _stream, _arguments.Length, arguments);
            OneDnn.Wait(_stream);
            var time = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
            Require(status);
            return time;
        }
    }

    public float[] Output()
    {
        var output = new float[_problem.Expected.Length];
        var layout = Description(Dimensions(_problem.OutputShape), OneDnn.Nchw);
        var (memory, floats) = Memory(layout);
        Convert(_destination, _destinationLayout, memory, layout);
        floats.Span[..output.Length].CopyTo(output);
        return output;
    }

    public void Dispose()
    {
        foreach (var release in Enumerable.Reverse(_release))
            release();
        _release.Clear();
    }

    private nint Describe(LayerProblem problem, long[] weightShape, int algorithm)
    {
        var operation = Scratch();
        long[] strides = [problem.Specification.Stride, problem.Specification.Stride],
            padding = [problem.Padding, problem.Padding];
        // Behind the last pixel only what the last window reaches; with a stride this is less than before the first.
        var reach = ((problem.OutputShape[2] - 1) * problem.Specification.Stride) + problem.Specification.Kernel;
        long[] after = [reach - problem.Padding - problem.InputShape[2], reach - problem.Padding - problem.InputShape[3]];
        fixed (
            long* step = strides,
                before = padding,
                behind = after
        )
        {
            Require(
                OneDnn.DescribeConvolution(
                    operation,
                    OneDnn.ForwardInference,
                    algorithm,
                    Description(Dimensions(problem.InputShape), OneDnn.AnyLayout),
                    Description(weightShape, OneDnn.AnyLayout),
                    Description([problem.Specification.Outputs], OneDnn.Vector),
                    Description(Dimensions(problem.OutputShape), OneDnn.AnyLayout),
                    step,
                    before,
                    behind
                )
            );
        }

        Require(OneDnn.CreatePostOperations(out var operations));
        Require(OneDnn.AppendElementwise(operations, 1, OneDnn.Relu, 0, 0));
        Require(OneDnn.CreateAttributes(out var attributes));
        Require(OneDnn.SetPostOperations(attributes, operations));
        var status = OneDnn.CreatePrimitiveDescription(out var description, operation, attributes, _engine, 0);
        OneDnn.DestroyPostOperations(operations);
        OneDnn.DestroyAttributes(attributes);
        Require(status);
        Owned(() => OneDnn.DestroyPrimitiveDescription(description));
        return description;
    }

    private void Reorder(float[] values, long[] dimensions, int layout, nint to, void* toLayout)
    {
        var fromLayout = Description(dimensions, layout);
        var (from, floats) = Memory(fromLayout);
        values.CopyTo(floats.Span);
        Convert(from, fromLayout, to, toLayout);
    }

    private void Convert(nint from, void* fromLayout, nint to, void* toLayout)
    {
        Require(OneDnn.CreateReorderDescription(out var description, fromLayout, _engine, toLayout, _engine, 0));
        Require(OneDnn.CreatePrimitive(out var reorder, description));
        var arguments = stackalloc OneDnn.Argument[]
        {
            new() { Kind = OneDnn.SourceArgument, Memory = from },
            new() { Kind = OneDnn.DestinationArgument, Memory = to },
        };
        Require(OneDnn.Execute(reorder, _stream, 2, arguments));
        Require(OneDnn.Wait(_stream));
        OneDnn.DestroyPrimitive(reorder);
        OneDnn.DestroyPrimitiveDescription(description);
    }

    private (nint Memory, AlignedFloats Floats) Memory(void* description)
    {
        var floats = new AlignedFloats((int)(OneDnn.SizeOf(description) / sizeof(float)));
        Owned(floats.Dispose);
        Require(OneDnn.CreateMemory(out var memory, description, _engine, floats.Pointer));
        Owned(() => OneDnn.DestroyMemory(memory));
        return (memory, floats);
    }

    private void* Description(long[] dimensions, int layout)
    {
        var description = Scratch();
        fixed (long* extents = dimensions)
            Require(OneDnn.DescribeMemory(description, dimensions.Length, extents, OneDnn.Float32, layout));
        return description;
    }

    private void* Scratch()
    {
        var memory = new AlignedFloats(OneDnn.DescriptorBytes / sizeof(float));
        Owned(memory.Dispose);
        return memory.Pointer;
    }

    private void Owned(Action release) => _release.Add(release);

    private static long[] Dimensions(int[] shape) => [.. shape.Select(extent => (long)extent)];

    private static void Require(int status)
    {
        if (status != 0)
            throw new PeerException(
                status == OneDnn.Unimplemented ? "does not have it" : FormattableString.Invariant($"oneDNN answers {status}")
            );
    }
}
