using System.Diagnostics;
using System.Text.Json;

namespace Subp.Benchmarks.Peers.Processes;

/// <summary>
/// This program once more, as a child that holds some contenders and measures when it is told to. A process for each keeps thread pools,
/// allocators and start-up costs of the libraries apart, gives every measurement of a start a fresh one, and survives a library that ends
/// its process.
/// </summary>
internal sealed class WorkerProcess : IDisposable
{
    /// <summary>The first argument of a child.</summary>
    public const string Verb = "peers-worker";

    /// <summary>What the lines of an answer start with; libraries may write to the output as well.</summary>
    public const string AnswerMark = "@ ";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private readonly Process _process;

    private WorkerProcess(Process process) => _process = process;

    /// <summary>Starts a child.</summary>
    /// <param name="role">What it is to do, see <see cref="WorkerProgram"/>.</param>
    /// <param name="specification">What it is to do it with, written as JSON.</param>
    /// <param name="environment">Variables that differ from those of this process.</param>
    public static WorkerProcess Start<T>(string role, T specification, params IEnumerable<(string Name, string Value)> environment)
    {
        var host = Environment.ProcessPath!;
        var start = new ProcessStartInfo(host)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (Path.GetFileNameWithoutExtension(host) == "dotnet")
            start.ArgumentList.Add(typeof(WorkerProcess).Assembly.Location);
        foreach (var argument in (string[])[Verb, role, JsonSerializer.Serialize(specification)])
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var process = Process.Start(start)!;
        // Nobody reads it unless the child fails, and a full pipe would hold the child up.
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
        return new WorkerProcess(process);
    }

    /// <summary>Starts a child that gives one answer and ends.</summary>
    /// <exception cref="WorkerFailedException">It ended without an answer, or answered with an error.</exception>
    public static TAnswer Ask<TSpecification, TAnswer>(
        string role,
        TSpecification specification,
        params IEnumerable<(string Name, string Value)> environment
    )
    {
        using var worker = Start(role, specification, environment);
        return worker.Receive<TAnswer>();
    }

    /// <summary>Sends a line and waits for the answer.</summary>
    /// <exception cref="WorkerFailedException">The child ended, or answered with an error.</exception>
    public TAnswer Ask<TAnswer>(string line)
    {
        try
        {
            _process.StandardInput.WriteLine(line);
            _process.StandardInput.Flush();
        }
        catch (IOException)
        {
            throw Ended();
        }

        return Receive<TAnswer>();
    }

    /// <summary>Waits for an answer.</summary>
    /// <exception cref="WorkerFailedException">The child ended, or answered with an error.</exception>
    public TAnswer Receive<TAnswer>()
    {
        var line = Task.Run(NextAnswer);
        if (!line.Wait(Patience))
        {
            _process.Kill(entireProcessTree: true);
            throw new WorkerFailedException($"no answer within {Patience.TotalMinutes:F0} minutes");
        }

        var answer = JsonSerializer.Deserialize<WorkerAnswer<TAnswer>>(line.Result ?? throw Ended())!;
        return answer.Error is null ? answer.Value! : throw new WorkerFailedException(answer.Error);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(10)))
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private string? NextAnswer()
    {
        while (_process.StandardOutput.ReadLine() is { } line)
        {
            if (line.StartsWith(AnswerMark, StringComparison.Ordinal))
                return line[AnswerMark.Length..];
        }

        return null;
    }

    private WorkerFailedException Ended()
    {
        _process.WaitForExit();
        return new WorkerFailedException(FormattableString.Invariant($"the process ended with code {_process.ExitCode}"));
    }
}

/// <summary>What a child says.</summary>
/// <param name="Value">The answer; meaningless with an error.</param>
/// <param name="Error">Why there is none, in one line.</param>
internal sealed record WorkerAnswer<T>(T? Value, string? Error = null);

/// <summary>A child could not do what it was told; its contenders get a row that says so.</summary>
internal sealed class WorkerFailedException(string message) : Exception(message);
