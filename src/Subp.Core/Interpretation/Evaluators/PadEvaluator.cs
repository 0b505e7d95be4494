using Subp.Core.Operators;

namespace Subp.Core.Interpretation.Evaluators;

/// <summary>The constant everywhere, then the rows of the image over it.</summary>
internal static class PadEvaluator
{
    public static void Evaluate(Pad pad, Arguments arguments)
    {
        var (input, output) = (arguments.InputShape(), arguments.OutputShape);
        arguments.Output.AsSpan().Fill(pad.Value);
        for (var row = 0; row < input.Batch * input.Channels * input.Height; row++)
        {
            var (plane, y) = (row / input.Height, row % input.Height);
            Array.Copy(
                arguments.Input(),
                row * input.Width,
                arguments.Output,
                (((plane * output.Height) + pad.Padding.Top + y) * output.Width) + pad.Padding.Left,
                input.Width
            );
        }
    }
}
