namespace Subp.Training.Sparsification;

/// <summary>The shape of the way from dense to the target sparsity.</summary>
public enum ScheduleShape
{
    /// <summary>x.</summary>
    Linear,

    /// <summary>1 - cos(x pi / 2).</summary>
    Cosine,

    /// <summary>(1 - exp(-0.05 (t - start))) / (1 - exp(-0.05 (end - start - 1))), a fast start.</summary>
    Exponential,

    /// <summary>x cubed, a slow start; not the 1 - (1 - x)^3 of Zhu and Gupta.</summary>
    Cubic,
}

/// <summary>
/// The sparsity rate of every epoch: 0 up to <paramref name="Start"/>, the target from <paramref name="End"/> on, and the
/// shape between. Start = End = 0 is the one-shot case: the target rate from the first epoch.
/// </summary>
/// <param name="Shape">The shape of the way.</param>
/// <param name="Start">The last epoch that is dense, t_i.</param>
/// <param name="End">The first epoch at the target rate, t_f; not before <paramref name="Start"/>.</param>
public sealed record SparsitySchedule(ScheduleShape Shape, int Start, int End)
{
    /// <summary>The share f(t) of the target rate that is reached at an epoch, in [0, 1].</summary>
    public double Fraction(int epoch)
    {
        if (epoch >= End)
            return 1;

        if (epoch <= Start)
            return 0;

        double x = (epoch - Start) / (double)(End - Start);
        double fraction = Shape switch
        {
            ScheduleShape.Linear => x,
            ScheduleShape.Cosine => 1 - Math.Cos(x * Math.PI / 2),
            ScheduleShape.Exponential => (1 - Math.Exp(-0.05 * (epoch - Start))) / (1 - Math.Exp(-0.05 * (End - Start - 1))),
            ScheduleShape.Cubic => x * x * x,
            _ => throw new InvalidOperationException($"Unknown schedule shape {Shape}."),
        };
        return Math.Clamp(fraction, 0, 1);
    }

    /// <summary>The rate p_t = p f(t) of an epoch.</summary>
    public double Rate(double targetRate, int epoch) => targetRate * Fraction(epoch);
}
