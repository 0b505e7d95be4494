using System.Text.Json;
using Subp.Benchmarks.Peers.Costs;
using Subp.Benchmarks.Peers.Forms;
using Subp.Benchmarks.Peers.Layers;
using Subp.Benchmarks.Peers.Networks;
using Subp.Tooling.Failures;

namespace Subp.Benchmarks.Peers.Processes;

/// <summary>The child's side of <see cref="WorkerProcess"/>.</summary>
internal static class WorkerProgram
{
    /// <summary>Plays one role.</summary>
    /// <param name="args">The role and its specification.</param>
    public static int Run(string[] args)
    {
        try
        {
            switch (args[0])
            {
                case NetworkWorker.Role:
                    NetworkWorker.Run(Specification<NetworkWork>(args));
                    break;
                case LayerWorker.Role:
                    LayerWorker.Run(Specification<LayerWork>(args));
                    break;
                case FormsWorker.Role:
                    FormsWorker.Run(Specification<FormsWork>(args));
                    break;
                case CostWorker.CompileRole:
                    CostWorker.Compile(Specification<CompileWork>(args));
                    break;
                case CostWorker.StartRole:
                    CostWorker.Start(Specification<StartWork>(args));
                    break;
                default:
                    throw new ArgumentException($"There is no role '{args[0]}'.");
            }

            return 0;
        }
        catch (Exception exception)
        {
            Answer(new WorkerAnswer<object>(null, FailureReport.Of(exception).ToString()));
            return 1;
        }
    }

    /// <summary>Answers what was asked.</summary>
    public static void Answer<T>(T value) => Answer(new WorkerAnswer<T>(value));

    private static void Answer<T>(WorkerAnswer<T> answer)
    {
        Console.Out.WriteLine(WorkerProcess.AnswerMark + JsonSerializer.Serialize(answer));
        Console.Out.Flush();
    }

    private static T Specification<T>(string[] args) => JsonSerializer.Deserialize<T>(args[1])!;
}
