using System.Diagnostics;
using Subp.Benchmarks.Peers.Layers;

namespace Subp.Benchmarks.Peers.Contenders.Xnnpack;

/// <summary>A sparse 1x1 convolution of XNNPACK with bias and ReLU, on planes (NCHW), the only layout it has sparse kernels for.</summary>
internal sealed unsafe class XnnpackContender : IContender
{
    private readonly AlignedFloats _input;
    private readonly AlignedFloats _output;
    private readonly nint _convolution;

    /// <summary>Prepares the convolution.</summary>
    /// <param name="problem">The layer, a product of matrices.</param>
    /// <param name="paths">The library and what it needs.</param>
    /// <exception cref="PeerException">It refuses.</exception>
    public XnnpackContender(LayerProblem problem, IReadOnlyList<string> paths)
    {
        NativeLibraries.Load(Xnnpack.Library, paths);
        Require(Xnnpack.Initialize(0));
        var shape = problem.Specification;
        // Its kernels may read past the end, by less than this.
        const int Slack = 64;
        _input = new AlignedFloats(problem.Input.Length + Slack);
        _output = new AlignedFloats(problem.Expected.Length + Slack);
        problem.Input.CopyTo(_input.Span);
        OutputLength = problem.Expected.Length;
        fixed (
            float* weights = problem.Weights,
                bias = problem.Bias
        )
        {
            Require(
                Xnnpack.CreateConvolution(
                    0,
                    0,
                    0,
                    0,
                    1,
                    1,
                    1,
                    1,
                    1,
                    1,
                    1,
                    (nuint)shape.Inputs,
                    (nuint)shape.Outputs,
                    (nuint)shape.Inputs,
                    (nuint)shape.Outputs,
                    weights,
                    bias,
                    0,
                    float.PositiveInfinity,
                    0,
                    out _convolution
                )
            );
        }

        Require(Xnnpack.SetUpConvolution(_convolution, 1, (nuint)shape.Height, (nuint)shape.Width, _input.Pointer, _output.Pointer, 0));
    }

    public string Name => "XNNPACK 2022 sparse";

    public string Remark => "SSE kernels";

    public ReadOnlySpan<float> Input => _input.Span;

    private int OutputLength { get; }

    public double Run()
    {
        var start = Stopwatch.GetTimestamp();
        var status = Xnnpack.Run(_convolution, 0);
        var time = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        Require(status);
        return time;
    }

    public float[] Output() => _output.Span[..OutputLength].ToArray();

    public void Dispose()
    {
        Xnnpack.Delete(_convolution);
        _input.Dispose();
        _output.Dispose();
    }

    private static void Require(int status)
    {
        if (status != 0)
            throw new PeerException(FormattableString.Invariant($"XNNPACK answers {status}"));
    }
}
