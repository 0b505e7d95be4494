using Subp.Tooling.Benchmarking;

namespace Subp.Benchmarks.Peers.Measuring;

/// <summary>The times of one contender, in microseconds: one figure per round, round by round in each process.</summary>
internal sealed class Samples
{
    private readonly List<List<double>> _processes = [];

    /// <summary>The fastest round of all processes. Others on the machine only ever make a round slower.</summary>
    public double Best => Rounds.DefaultIfEmpty(double.NaN).Min();

    /// <summary>The middle of all rounds of all processes, with its spread.</summary>
    public Timing All => Timing.Of([.. Rounds]);

    /// <summary>The median of each process.</summary>
    public IEnumerable<double> Medians => _processes.Where(rounds => rounds.Count > 0).Select(rounds => Timing.Of(rounds).Median);

    private IEnumerable<double> Rounds => _processes.SelectMany(rounds => rounds);

    /// <summary>The rounds that follow are of another process.</summary>
    public void StartProcess() => _processes.Add([]);

    /// <summary>Adds a round.</summary>
    public void Add(double microseconds) => _processes[^1].Add(microseconds);

    /// <summary>How often faster than another contender whose rounds were measured in turns with these.</summary>
    /// <param name="other">The other contender.</param>
    public Speedup Over(Samples other)
    {
        double[] ratios = [.. Rounds.Zip(other.Rounds, (own, its) => its / own).Order()];
        var median = ratios.Length == 0 ? double.NaN : Timing.Of(ratios).Median;
        return new Speedup(other.Best / Best, median, Quarter(ratios, 1), Quarter(ratios, 3));
    }

    private static double Quarter(double[] ordered, int quarters)
    {
        if (ordered.Length == 0)
            return double.NaN;
        var place = (ordered.Length - 1) * quarters / 4.0;
        var (below, above) = (ordered[(int)place], ordered[(int)Math.Ceiling(place)]);
        return below + ((above - below) * (place - Math.Floor(place)));
    }
}

/// <summary>How often faster one contender is than another.</summary>
/// <param name="Best">The fastest round of the other against the fastest round of the one.</param>
/// <param name="Median">The median over the rounds of the ratio within each.</param>
/// <param name="LowerQuarter">A quarter of the rounds have a smaller ratio.</param>
/// <param name="UpperQuarter">A quarter of the rounds have a larger ratio.</param>
internal readonly record struct Speedup(double Best, double Median, double LowerQuarter, double UpperQuarter)
{
    /// <summary>The smaller of the two, which a goal is compared with: noise may flatter one of them, hardly both.</summary>
    public double Least => Math.Min(Best, Median);
}
