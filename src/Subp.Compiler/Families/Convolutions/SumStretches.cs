using Subp.Core.Operators;
using Subp.Core.Sparsity;

namespace Subp.Compiler.Families.Convolutions;

/// <summary>
/// Sums over some kept blocks at a time, which are added up. The rounding of one sum grows with the root of its length; that of sums of
/// sums with the root of the longer of the two lengths.
/// </summary>
internal static class SumStretches
{
    /// <summary>Multiply-adds of a stretch: the totals in memory then cost about six instructions for a hundred.</summary>
    private const int Terms = 32;

    /// <summary>Kept blocks of a stretch, or null where no sum is longer than two stretches or the form has no loop over blocks.</summary>
    public static int? BlocksOf(ConvolutionForm form, BlockPattern pattern, Window window)
    {
        var taps = window.Kernel.Height * window.Kernel.Width;
        var blocks = Math.Max(1, Terms / taps);
        return
            form != ConvolutionForm.StraightLine && Enumerable.Range(0, pattern.Groups).Any(group => pattern.Kept(group).Count > 2 * blocks)
            ? blocks
            : null;
    }
}
