using Subp.Benchmarks.Peers.Layers;

namespace Subp.Benchmarks.Peers.Contenders.Libxsmm;

/// <summary>
/// Input and output of a 1x1 convolution as matrices [channel][pixel], with as many zero pixels more as make whole vectors.
/// </summary>
internal sealed unsafe class PixelMatrix : IDisposable
{
    /// <summary>The floats of a vector.</summary>
    public const int Vector = 16;

    private readonly LayerProblem _problem;
    private readonly AlignedFloats _input;
    private readonly AlignedFloats _output;

    /// <summary>Copies the input.</summary>
    public PixelMatrix(LayerProblem problem)
    {
        _problem = problem;
        Pixels = problem.Specification.Height * problem.Specification.Width;
        Columns = (Pixels + Vector - 1) / Vector * Vector;
        _input = new AlignedFloats(problem.Specification.Inputs * Columns);
        _output = new AlignedFloats(problem.Specification.Outputs * Columns);
        for (var channel = 0; channel < problem.Specification.Inputs; channel++)
            problem.Input.AsSpan(channel * Pixels, Pixels).CopyTo(_input.Span[(channel * Columns)..]);
    }

    /// <summary>The pixels of the image.</summary>
    public int Pixels { get; }

    /// <summary>The columns of the matrices.</summary>
    public int Columns { get; }

    /// <summary>The input.</summary>
    public float* Input => _input.Pointer;

    /// <summary>The output.</summary>
    public float* Output => _output.Pointer;

    /// <summary>The floats of the input.</summary>
    public ReadOnlySpan<float> InputFloats => _input.Span;

    /// <summary>The output of the layer: the product, with bias and ReLU.</summary>
    public float[] Finished()
    {
        var output = new float[_problem.Expected.Length];
        for (var channel = 0; channel < _problem.Specification.Outputs; channel++)
            _output.Span.Slice(channel * Columns, Pixels).CopyTo(output.AsSpan(channel * Pixels));
        _problem.AddBiasAndActivation(output);
        return output;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _input.Dispose();
        _output.Dispose();
    }
}
