using Subp.Core.Interpretation;
using Subp.Core.Weights;
using Subp.Tooling.Inputs;
using Subp.Tooling.Progress;

namespace Subp.Tooling.Verification;

/// <summary>What a reference says about a set of inputs, computed once for all sessions that are compared with it.</summary>
internal sealed class ReferenceOutputs
{
    /// <summary>The name of the interpreter as a reference.</summary>
    public const string Interpreter = "reference interpreter";

    private readonly float[][] _outputs;

    /// <summary>Takes outputs that were computed.</summary>
    /// <param name="name">Who computed them.</param>
    /// <param name="inputs">The inputs.</param>
    /// <param name="outputs">The output of each.</param>
    /// <param name="length">How many numbers the output of an input has.</param>
    public ReferenceOutputs(string name, InputSet inputs, float[][] outputs, int length)
    {
        Name = name;
        Inputs = inputs;
        _outputs = outputs;
        Images = ImageBatch.Of(inputs.Batch, length);
        Classes = length / Images;
    }

    /// <summary>Who computed them.</summary>
    public string Name { get; }

    /// <summary>The inputs.</summary>
    public InputSet Inputs { get; }

    /// <summary>How many images of an input have outputs of their own.</summary>
    public int Images { get; }

    /// <summary>The outputs of one image.</summary>
    public int Classes { get; }

    /// <summary>The output of one input.</summary>
    public float[] this[int input] => _outputs[input];

    /// <summary>Runs the interpreter on every input, on all processors.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static ReferenceOutputs Compute(Model model, InputSet inputs, ProgressReport progress, CancellationToken cancellation)
    {
        var interpreter = new ReferenceInterpreter(model);
        var length = model.Graph.Outputs.Sum(output => model.Graph.ShapeOf(output).ElementCount);
        var outputs = new float[inputs.Count][];
        var done = 0;
        Parallel.For(
            0,
            inputs.Count,
            new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount },
            input =>
            {
                outputs[input] = new float[length];
                interpreter.Run(inputs[input], outputs[input]);
                var count = Interlocked.Increment(ref done);
                lock (outputs)
                    progress((double)count / inputs.Count, FormattableString.Invariant($"{count} of {inputs.Count} inputs"));
            }
        );
        return new ReferenceOutputs(Interpreter, inputs, outputs, length);
    }

    /// <summary>The share of images whose largest output is at their class.</summary>
    public double Accuracy()
    {
        long correct = 0;
        for (var input = 0; input < Inputs.Count; input++)
        {
            for (var image = 0; image < Images; image++)
                correct += ArgMax(_outputs[input].AsSpan(image * Classes, Classes)) == Inputs.Label(input, image) ? 1 : 0;
        }

        return (double)correct / ((long)Inputs.Count * Images);
    }

    /// <summary>The index of the largest value, the first of several.</summary>
    public static int ArgMax(ReadOnlySpan<float> values)
    {
        var best = 0;
        for (var index = 1; index < values.Length; index++)
        {
            if (values[index] > values[best])
                best = index;
        }

        return best;
    }
}
