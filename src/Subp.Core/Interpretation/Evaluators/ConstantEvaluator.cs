using Subp.Core.Operators;

namespace Subp.Core.Interpretation.Evaluators;

/// <summary>The values of a parameter.</summary>
internal static class ConstantEvaluator
{
    public static void Evaluate(Constant constant, Arguments arguments)
    {
        var values = arguments.Parameter(constant.Value);
        for (var index = 0; index < values.Length; index++)
            arguments.Output[index] = values[index];
    }
}
