using System.Globalization;
using Subp.Tooling.Text;

namespace Subp.Benchmarks.Neighbours;

/// <summary>
/// What a busy neighbour costs: <c>neighbours [rounds] [compiled.dll ...]</c>. Sessions of one and of two threads run by turns, in each
/// round once with the machine as it is and once beside a process that keeps a processor busy. Without DLLs, bundled networks are
/// compiled; with DLLs of one network from two compilers, these are compared in the same rounds.
/// </summary>
internal static class NeighboursCommand
{
    private const int DefaultRounds = 10;

    /// <summary>Runs it and prints the table.</summary>
    public static int Run(string[] args)
    {
        var rounds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : DefaultRounds;
        var cases = args.Length > 1 ? [.. args.Skip(1).Select(NeighbourCase.Compiled)] : NeighbourCase.Bundled;
        var models = cases.Select(network => network.Compile()).ToArray();
        SessionTurns[] turns =
        [
            .. cases.Zip(models).SelectMany(pair => new[] { 1, 2 }.Select(threads => new SessionTurns(pair.First, pair.Second, threads))),
        ];
        try
        {
            for (var round = 0; round < rounds; round++)
            {
                foreach (var session in turns)
                    session.Take(busy: false);
                using var neighbour = new BusyProcess();
                foreach (var session in turns)
                    session.Take(busy: true);
            }

            Print(turns, rounds);
        }
        finally
        {
            foreach (var disposable in turns.Concat<IDisposable>(models))
                disposable.Dispose();
        }

        return 0;
    }

    private static void Print(IEnumerable<SessionTurns> turns, int rounds)
    {
        Console.WriteLine(
            FormattableString.Invariant(
                $"{Environment.ProcessorCount} processors, {rounds} rounds; microseconds of a run, quiet and beside one busy process"
            )
        );
        var table = new TextTable(
            "network",
            ">threads",
            ">quiet mean",
            ">median",
            ">p99",
            ">busy mean",
            ">median",
            ">p99",
            ">busy mean / quiet mean"
        );
        foreach (var session in turns)
        {
            var (quiet, busy) = (RunTimes.Of(session.Quiet), RunTimes.Of(session.Busy));
            table.Add(
                session.Title,
                Figure(session.Threads, 0),
                Figure(quiet.Mean, 1),
                Figure(quiet.Median, 1),
                Figure(quiet.Percentile99, 1),
                Figure(busy.Mean, 1),
                Figure(busy.Median, 1),
                Figure(busy.Percentile99, 1),
                Figure(busy.Mean / quiet.Mean, 2)
            );
        }

        table.Write(Console.Out);
    }

    private static string Figure(double value, int decimals) =>
        value.ToString("F" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
