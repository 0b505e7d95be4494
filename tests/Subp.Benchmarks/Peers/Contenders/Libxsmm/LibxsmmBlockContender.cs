using System.Diagnostics;
using Subp.Benchmarks.Peers.Layers;

namespace Subp.Benchmarks.Peers.Contenders.Libxsmm;

/// <summary>
/// A 1x1 convolution as LIBXSMM's product with a block-sparse matrix (bcsc, from version 2.0 on), on the blocks of the layer, whose indices
/// are read at run time. Pixels lie in groups [group][channel][pixel]; how many make a group is tried out, and the fastest is kept.
/// </summary>
internal sealed unsafe class LibxsmmBlockContender : IContender
{
    private const int TrialRuns = 20;
    private static readonly int[] Widths = [16, 32, 48, 64];

    private readonly LayerProblem _problem;
    private readonly AlignedFloats _values;
    private readonly AlignedFloats _input;
    private readonly AlignedFloats _output;
    private readonly uint[] _starts;
    private readonly uint[] _channels;
    private readonly int _pixels;
    private delegate* unmanaged<nint*, void> _kernel;
    private int _width;

    /// <summary>Generates the kernel.</summary>
    /// <param name="problem">The layer, a product of matrices.</param>
    /// <param name="paths">The library.</param>
    /// <exception cref="PeerException">The library is older, or refuses.</exception>
    public LibxsmmBlockContender(LayerProblem problem, IReadOnlyList<string> paths)
    {
        NativeLibraries.Load(LibxsmmBlocks.Library, paths);
        LibxsmmBlocks.Initialize();
        _problem = problem;
        _pixels = problem.Specification.Height * problem.Specification.Width;
        (_starts, _channels, var values) = Blocks(problem);
        _values = new AlignedFloats(values.Length);
        values.CopyTo(_values.Span);
        var most = _pixels + Widths.Max();
        _input = new AlignedFloats(problem.Specification.Inputs * most);
        _output = new AlignedFloats(problem.Specification.Outputs * most);
        var best = Widths
            .Where(Prepare)
            .Select(width => (Width: width, Time: Trial(width)))
            .OrderBy(trial => trial.Time)
            .Select(trial => trial.Width)
            .FirstOrDefault();
        if (best == 0)
        {
            Dispose();
            throw new PeerException("generates no code for it");
        }

        Prepare(best);
    }

    public string Name => "LIBXSMM bcsc";

    public string Remark => FormattableString.Invariant($"no bias, no ReLU; {_width} pixels a group");

    public ReadOnlySpan<float> Input => _input.Span[..(Groups * _width * _problem.Specification.Inputs)];

    private int Groups => (_pixels + _width - 1) / _width;

    public double Run()
    {
        var arguments = stackalloc nint[LibxsmmBlocks.ArgumentPointers];
        var columns = (ulong)(_problem.Specification.Outputs / LayerCase.BlockLength);
        fixed (
            uint* starts = _starts,
                channels = _channels
        )
        {
            arguments[LibxsmmBlocks.Left] = (nint)_input.Pointer;
            arguments[LibxsmmBlocks.Right] = (nint)_values.Pointer;
            arguments[LibxsmmBlocks.Right + 1] = (nint)starts;
            arguments[LibxsmmBlocks.Right + 2] = (nint)channels;
            arguments[LibxsmmBlocks.Right + 3] = (nint)(&columns);
            arguments[LibxsmmBlocks.Result] = (nint)_output.Pointer;
            var start = Stopwatch.GetTimestamp();
            _kernel(arguments);
            return Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }
    }

    public float[] Output()
    {
        var output = new float[_problem.Expected.Length];
        for (var index = 0; index < output.Length; index++)
            output[index] = _output.Span[Place(index / _pixels, index % _pixels, _problem.Specification.Outputs)];
        _problem.AddBiasAndActivation(output);
        return output;
    }

    public void Dispose()
    {
        if (_kernel is not null)
            LibxsmmBlocks.Release(_kernel);
        _kernel = null;
        _values.Dispose();
        _input.Dispose();
        _output.Dispose();
    }

    private static (uint[] Starts, uint[] Channels, float[] Values) Blocks(LayerProblem problem)
    {
        var inputs = problem.Specification.Inputs;
        var starts = new List<uint> { 0 };
        var channels = new List<uint>();
        var values = new List<float>();
        for (var group = 0; group < problem.Specification.Outputs / LayerCase.BlockLength; group++)
        {
            for (var input = 0; input < inputs; input++)
            {
                var block = Enumerable
                    .Range(group * LayerCase.BlockLength, LayerCase.BlockLength)
                    .Select(output => problem.Weights[(output * inputs) + input])
                    .ToArray();
                if (Array.TrueForAll(block, value => value == 0))
                    continue;
                channels.Add((uint)input);
                values.AddRange(block);
            }

            starts.Add((uint)channels.Count);
        }

        return ([.. starts], [.. channels], [.. values]);
    }

    private bool Prepare(int width)
    {
        if (_kernel is not null)
            LibxsmmBlocks.Release(_kernel);
        _width = width;
        var shape = _problem.Specification;
        _kernel = LibxsmmBlocks.Create(
            new LibxsmmBlocks.Shape
            {
                M = Groups,
                N = 0,
                K = shape.Inputs,
                LeftStride = shape.Inputs,
                RightStride = 0,
                ResultStride = shape.Outputs,
                LeftType = LibxsmmBlocks.Float32,
                RightType = LibxsmmBlocks.Float32,
                ResultType = LibxsmmBlocks.Float32,
                ComputeType = LibxsmmBlocks.Float32,
            },
            LibxsmmBlocks.OverwriteResult,
            LibxsmmBlocks.NoPrefetch,
            new LibxsmmBlocks.Blocks
            {
                PackedWidth = width,
                Rows = 1,
                Columns = LayerCase.BlockLength,
            }
        );
        for (var index = 0; index < _problem.Input.Length; index++)
            _input.Span[Place(index / _pixels, index % _pixels, shape.Inputs)] = _problem.Input[index];
        return _kernel is not null;
    }

    private double Trial(int width)
    {
        Prepare(width);
        return Enumerable.Range(0, TrialRuns).Min(_ => Run());
    }

    private int Place(int channel, int pixel, int channels) => (((pixel / _width * channels) + channel) * _width) + (pixel % _width);
}
