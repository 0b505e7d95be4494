using Subp.Benchmarks.Peers.Measuring;
using Subp.Tooling.Text;

namespace Subp.Benchmarks.Peers.Reporting;

/// <summary>
/// Compares a figure with its goal. Within a twentieth of it counts as met: figures of one machine on two days differ by as much.
/// </summary>
internal static class Goal
{
    private const double Tolerance = 0.95;

    /// <summary>The FMA peak of one core that the times of the goals are stated for, in GFLOP/s.</summary>
    public const double StatedPeak = 240;

    /// <summary>A goal that was stated as a time on one processor, as a time on another.</summary>
    /// <param name="stated">Microseconds at <see cref="StatedPeak"/>.</param>
    /// <param name="peak">The measured peak of this processor, in GFLOP/s.</param>
    public static double Scaled(double stated, double peak) => stated * StatedPeak / peak;

    /// <summary>What is reached where more is better.</summary>
    public static string AtLeast(double figure, double goal) => Verdict(figure / goal);

    /// <summary>What is reached where less is better.</summary>
    public static string AtMost(double figure, double goal) => Verdict(goal / figure);

    /// <summary>
    /// What is reached where more is better and rounds differ much: decided by the ratio within each round, since what disturbs a round
    /// disturbs both sides. The middle half of the ratios has to be on one side of the goal.
    /// </summary>
    public static string Within(Speedup figure, double goal)
    {
        if (double.IsNaN(figure.Median))
            return "-";
        if (figure.LowerQuarter >= goal * Tolerance || figure.UpperQuarter < goal * Tolerance)
            return Verdict(figure.Median / goal);
        return $"not decided ({Figures.Fixed(figure.LowerQuarter, 2)}x to {Figures.Fixed(figure.UpperQuarter, 2)}x)";
    }

    private static string Verdict(double share) =>
        double.IsNaN(share) ? "-"
        : share >= Tolerance ? "met"
        : $"not met ({Figures.Percent(share, 0)})";
}
