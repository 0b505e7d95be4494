namespace Subp.Core.Interpretation.Evaluators;

/// <summary>Channels one behind the other: per image, the whole of each input in turn.</summary>
internal static class ConcatEvaluator
{
    public static void Evaluate(Arguments arguments)
    {
        var target = 0;
        var batch = arguments.OutputShape.Batch;
        for (var image = 0; image < batch; image++)
        {
            for (var index = 0; index < arguments.InputCount; index++)
            {
                var input = arguments.Input(index);
                var length = input.Length / batch;
                Array.Copy(input, image * length, arguments.Output, target, length);
                target += length;
            }
        }
    }
}
