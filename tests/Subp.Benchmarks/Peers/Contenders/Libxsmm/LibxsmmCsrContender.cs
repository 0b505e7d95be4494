using System.Diagnostics;
using Subp.Benchmarks.Peers.Layers;

namespace Subp.Benchmarks.Peers.Contenders.Libxsmm;

/// <summary>
/// A 1x1 convolution as LIBXSMM's product of a sparse matrix, whose pattern is in generated code, with vectors of 16 pixels. It gets a
/// kernel for as many rows at a time as its buffer for code holds: where that overflows it does not refuse but ends the process.
/// </summary>
internal sealed unsafe class LibxsmmCsrContender : IContender
{
    // It has 128 KB for the code of a kernel; a multiply-add with a far operand takes 10 bytes, and rows and columns take some more.
    private const int CodeBytes = 100_000;
    private const int BytesPerFma = 12;
    private const int MostAccumulators = 28;

    private readonly PixelMatrix _matrix;
    private readonly AlignedFloats _values;
    private readonly List<(nint Kernel, int FirstValue, int FirstRow)> _kernels = [];
    private int _valuesInKernels;

    /// <summary>Generates the kernels.</summary>
    /// <param name="problem">The layer, a product of matrices.</param>
    /// <param name="paths">The library.</param>
    /// <exception cref="PeerException">It refuses.</exception>
    public LibxsmmCsrContender(LayerProblem problem, IReadOnlyList<string> paths)
    {
        NativeLibraries.Load(Libxsmm.Library, paths);
        Libxsmm.Initialize();
        var (rows, inputs) = (problem.Specification.Outputs, problem.Specification.Inputs);
        var values = problem.Weights.Where(weight => weight != 0).ToArray();
        _values = new AlignedFloats(values.Length);
        values.CopyTo(_values.Span);
        _matrix = new PixelMatrix(problem);
        var mostKept = Enumerable.Range(0, rows).Max(row => Kept(problem.Weights, row, inputs).Count());
        var part = Math.Max(
            1,
            CodeBytes / (BytesPerFma * Math.Min(MostAccumulators, _matrix.Columns / PixelMatrix.Vector) * Math.Max(1, mostKept))
        );
        for (var row = 0; row < rows; row += part)
            Generate(problem.Weights, row, Math.Min(rows, row + part), inputs);
    }

    public string Name => "LIBXSMM xcsr_soa";

    public string Remark =>
        FormattableString.Invariant($"no bias, no ReLU; {_kernels.Count} {(_kernels.Count == 1 ? "kernel" : "kernels")}");

    public ReadOnlySpan<float> Input => _matrix.InputFloats;

    public double Run()
    {
        var start = Stopwatch.GetTimestamp();
        foreach (var (kernel, firstValue, firstRow) in _kernels)
            ((delegate* unmanaged<float*, float*, float*, void>)kernel)(
                _values.Pointer + firstValue,
                _matrix.Input,
                _matrix.Output + ((long)firstRow * _matrix.Columns)
            );
        return Stopwatch.GetElapsedTime(start).TotalMicroseconds;
    }

    public float[] Output() => _matrix.Finished();

    public void Dispose()
    {
        foreach (var (kernel, _, _) in _kernels)
            Libxsmm.Release((void*)kernel);
        _kernels.Clear();
        _values.Dispose();
        _matrix.Dispose();
    }

    private void Generate(float[] weights, int fromRow, int toRow, int inputs)
    {
        var starts = new List<uint> { 0 };
        var columns = new List<uint>();
        for (var row = fromRow; row < toRow; row++)
        {
            columns.AddRange(Kept(weights, row, inputs).Select(input => (uint)input));
            starts.Add((uint)columns.Count);
        }

        var vectors = _matrix.Columns / PixelMatrix.Vector;
        var memory = stackalloc byte[Libxsmm.DescriptorBytes];
        var description = Libxsmm.Describe(
            memory,
            Libxsmm.Float32,
            toRow - fromRow,
            vectors,
            inputs,
            0,
            vectors,
            vectors,
            1,
            0,
            Libxsmm.OverwriteResult,
            Libxsmm.NoPrefetch
        );
        fixed (
            uint* start = starts.ToArray(),
                column = columns.ToArray()
        )
        {
            var kernel = (nint)Libxsmm.CreateCsr(description, start, column, _values.Pointer + _valuesInKernels, PixelMatrix.Vector);
            if (kernel == 0)
            {
                Dispose();
                throw new PeerException("generates no code for it");
            }

            _kernels.Add((kernel, _valuesInKernels, fromRow));
        }

        _valuesInKernels += columns.Count;
    }

    private static IEnumerable<int> Kept(float[] weights, int row, int inputs) =>
        Enumerable.Range(0, inputs).Where(input => weights[(row * inputs) + input] != 0);
}
