using System.Diagnostics;
using Subp.Benchmarks.Peers.Layers;

namespace Subp.Benchmarks.Peers.Contenders.Libxsmm;

/// <summary>
/// A 1x1 convolution as LIBXSMM's product of a fixed matrix (fsspmdm), which puts pattern and values into code, or runs dense without a
/// word.
/// </summary>
internal sealed unsafe class LibxsmmFixedContender : IContender
{
    // It compares every weight with all distinct ones before it, which takes minutes for matrices that are larger.
    private const int MostWeights = 1 << 18;

    private readonly PixelMatrix _matrix;
    private readonly nint _product;

    /// <summary>Generates the code.</summary>
    /// <param name="problem">The layer, a product of matrices.</param>
    /// <param name="paths">The library.</param>
    /// <exception cref="PeerException">It refuses.</exception>
    public LibxsmmFixedContender(LayerProblem problem, IReadOnlyList<string> paths)
    {
        if (problem.Weights.Length > MostWeights)
            throw new PeerException("left out: it takes minutes to look for equal weights");
        NativeLibraries.Load(Libxsmm.Library, paths);
        Libxsmm.Initialize();
        _matrix = new PixelMatrix(problem);
        var shape = problem.Specification;
        fixed (float* weights = problem.Weights)
            _product = Libxsmm.CreateFixed(
                shape.Outputs,
                _matrix.Columns,
                shape.Inputs,
                shape.Inputs,
                _matrix.Columns,
                _matrix.Columns,
                1,
                0,
                0,
                weights
            );
        if (_product == 0)
        {
            _matrix.Dispose();
            throw new PeerException("generates no code for it");
        }
    }

    public string Name => "LIBXSMM fsspmdm";

    public string Remark => "no bias, no ReLU";

    public ReadOnlySpan<float> Input => _matrix.InputFloats;

    public double Run()
    {
        var start = Stopwatch.GetTimestamp();
        Libxsmm.ExecuteFixed(_product, _matrix.Input, _matrix.Output);
        return Stopwatch.GetElapsedTime(start).TotalMicroseconds;
    }

    public float[] Output() => _matrix.Finished();

    public void Dispose()
    {
        Libxsmm.DestroyFixed(_product);
        _matrix.Dispose();
    }
}
