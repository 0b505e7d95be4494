using System.Globalization;
using Subp.Benchmarks.Peers.Costs;
using Subp.Benchmarks.Peers.Processes;
using Subp.Roslyn;
using Subp.Tooling.Benchmarking;
using Subp.Tooling.Text;

namespace Subp.Benchmarks.Zoo;

/// <summary>
/// Times the start of compiled networks, from their files to the first output, each time in a fresh process, in turns. The class of each is
/// to be called Network.
/// </summary>
internal static class StartsCommand
{
    /// <summary>Runs the command: how many processes of each, and the DLLs.</summary>
    public static int Run(string[] arguments)
    {
        if (arguments is not [var rounds, _, ..] || !int.TryParse(rounds, CultureInfo.InvariantCulture, out int processes) || processes < 1)
        {
            Console.Error.WriteLine("Expected how many processes of each, and DLLs of subp compile --class-name Network: 9 a.dll b.dll.");
            return 2;
        }

        StartWork[] works = [.. arguments[1..].Select(Path.GetFullPath).Select(Work)];
        var answers = works.Select(_ => new List<StartAnswer>()).ToArray();
        for (int process = 0; process < processes; process++)
        {
            for (int i = 0; i < works.Length; i++)
                answers[i].Add(WorkerProcess.Ask<StartWork, StartAnswer>(CostWorker.StartRole, works[i]));
        }

        Console.WriteLine("file, bytes, load ms, session ms, first run ms, sum ms, +-: medians");
        for (int i = 0; i < works.Length; i++)
        {
            var total = Of(answers[i], answer => answer.TotalMilliseconds);
            Console.WriteLine(
                string.Join(
                    ", ",
                    Path.GetFileName(works[i].File),
                    new FileInfo(works[i].File!).Length.ToString(CultureInfo.InvariantCulture),
                    Median(answers[i], answer => answer.LoadMilliseconds),
                    Median(answers[i], answer => answer.SessionMilliseconds),
                    Median(answers[i], answer => answer.FirstRunMilliseconds),
                    Figures.Fixed(total.Median, 0),
                    Figures.Percent(total.Spread)
                )
            );
        }

        return 0;
    }

    private static StartWork Work(string file)
    {
        using var model = LoadedModel.Load(file);
        return new StartWork(file, null, [.. model.InputShape], [.. model.OutputShape]);
    }

    private static Timing Of(List<StartAnswer> answers, Func<StartAnswer, double> figure) => Timing.Of([.. answers.Select(figure)]);

    private static string Median(List<StartAnswer> answers, Func<StartAnswer, double> figure) =>
        Figures.Fixed(Of(answers, figure).Median, 0);
}
