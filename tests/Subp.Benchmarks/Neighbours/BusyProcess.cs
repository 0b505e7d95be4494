using System.Diagnostics;

namespace Subp.Benchmarks.Neighbours;

/// <summary>
/// This program once more, as a child that keeps one processor busy in registers only: what it takes from others is the processor, and
/// neither caches nor memory. It ends with the parent, or when told to.
/// </summary>
internal sealed class BusyProcess : IDisposable
{
    /// <summary>The first argument of a child.</summary>
    public const string Verb = "neighbours-busy";

    private const int StepsBetweenLooks = 1 << 24;
    private readonly Process _process;

    /// <summary>Starts a child, and returns when it is busy.</summary>
    public BusyProcess()
    {
        var host = Environment.ProcessPath!;
        var start = new ProcessStartInfo(host) { RedirectStandardInput = true, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(host) == "dotnet")
            start.ArgumentList.Add(typeof(BusyProcess).Assembly.Location);
        start.ArgumentList.Add(Verb);
        _process = Process.Start(start)!;
        _process.StandardOutput.ReadLine();
    }

    /// <summary>The child's side. Returns when the parent closes the input, which it also does by ending.</summary>
    public static int Work()
    {
        var ended = Task.Run(Console.In.ReadLine);
        var value = 1UL;
        Console.Out.WriteLine("busy");
        Console.Out.Flush();
        while (!ended.IsCompleted)
        {
            for (var step = 0; step < StepsBetweenLooks; step++)
                value = (value * 6364136223846793005UL) + 1442695040888963407UL;
        }

        // Used, so that no compiler leaves the loop out.
        return value == 0 ? 1 : 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(10)))
            _process.Kill();
        _process.Dispose();
    }
}
