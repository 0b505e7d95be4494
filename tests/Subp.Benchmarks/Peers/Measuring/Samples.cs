using Subp.Cli.Benchmarking;

namespace Subp.Benchmarks.Peers.Measuring;

/// <summary>The times of one contender, in microseconds: one figure per round, round by round in each process.</summary>
internal sealed class Samples
{
    private readonly List<List<double>> _processes = [];

    /// <summary>The median of the best process: at several threads a process may start in a state in which it is slow for as long as it lives.</summary>
    public double Best => Medians().DefaultIfEmpty(double.NaN).Min();

    /// <summary>The median of the slowest process.</summary>
    public double Worst => Medians().DefaultIfEmpty(double.NaN).Max();

    /// <summary>Half the distance between the slow and the fast tenth of the rounds of the best process, as a share of its median.</summary>
    public double Spread => _processes.Select(rounds => Timing.Of(rounds)).OrderBy(timing => timing.Median).Select(timing => timing.Spread).FirstOrDefault();

    /// <summary>The rounds that follow are of another process.</summary>
    public void StartProcess() => _processes.Add([]);

    /// <summary>Adds a round.</summary>
    public void Add(double microseconds) => _processes[^1].Add(microseconds);

    private IEnumerable<double> Medians() => _processes.Where(rounds => rounds.Count > 0).Select(rounds => Timing.Of(rounds).Median);
}
