using Subp.Core.Weights;
using Subp.Tooling.Inputs;
using Subp.Tooling.Progress;

namespace Subp.Tooling.Verification;

/// <summary>How far the outputs of a changed network are from those of the original.</summary>
/// <param name="Inputs">What both were run on.</param>
/// <param name="RelativeError">The length of the difference of all outputs, divided by the length of the original's.</param>
/// <param name="SameClass">The share of images for which the largest output is the same one.</param>
internal sealed record OutputDifference(string Inputs, double RelativeError, double SameClass)
{
    /// <summary>Runs both networks by the reference interpreter.</summary>
    public static OutputDifference Measure(Model original, Model changed, InputSet inputs, IWorkLog context)
    {
        ReferenceOutputs Outputs(Model model, string title)
        {
            ReferenceOutputs? outputs = null;
            context.WithProgress(title, progress => outputs = ReferenceOutputs.Compute(model, inputs, progress, context.Cancellation));
            return outputs!;
        }

        return Of(Outputs(original, "original network"), Outputs(changed, "compressed network"), inputs);
    }

    /// <summary>Compares the outputs of both networks.</summary>
    public static OutputDifference Of(ReferenceOutputs before, ReferenceOutputs after, InputSet inputs)
    {
        double error = 0,
            length = 0;
        int same = 0,
            images = 0;
        for (var input = 0; input < inputs.Count; input++)
        {
            for (var index = 0; index < before[input].Length; index++)
            {
                error += Math.Pow(after[input][index] - before[input][index], 2);
                length += Math.Pow(before[input][index], 2);
            }

            for (var image = 0; image < before.Images; image++, images++)
            {
                var classes = before.Classes;
                var then = ReferenceOutputs.ArgMax(before[input].AsSpan(image * classes, classes));
                same += then == ReferenceOutputs.ArgMax(after[input].AsSpan(image * classes, classes)) ? 1 : 0;
            }
        }

        return new OutputDifference(
            FormattableString.Invariant($"{images} {(inputs.HasLabels ? "images" : inputs.Name)}"),
            length > 0 ? Math.Sqrt(error / length) : 0,
            (double)same / images
        );
    }
}
