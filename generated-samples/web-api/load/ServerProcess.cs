using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace WebApi.Load;

/// <summary>The real server as a child process, on a port of loopback that the system chooses.</summary>
public sealed class ServerProcess : IAsyncDisposable
{
    private const int Terminate = 15;
    private const string Listening = "Now listening on: ";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _log = new();
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServerProcess(IEnumerable<string> options)
    {
        var host = Path.GetFullPath(
            Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet")
        );
        _process = new Process
        {
            StartInfo = new ProcessStartInfo(
                host,
                ["exec", Path.Combine(AppContext.BaseDirectory, "WebApi.dll"), "--urls", "http://127.0.0.1:0", .. options]
            )
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        _process.OutputDataReceived += (_, line) => Note(line.Data);
        _process.ErrorDataReceived += (_, line) => Note(line.Data);
    }

    /// <summary>Where the server listens.</summary>
    public Uri Address => _address.Task.Result;

    /// <summary>Whether the server has ended.</summary>
    public bool HasEnded => _process.HasExited;

    /// <summary>Everything the server has written.</summary>
    public string Log
    {
        get
        {
            lock (_log)
                return _log.ToString();
        }
    }

    /// <summary>Starts a server and returns when it listens.</summary>
    /// <param name="options">Options such as <c>--Serving:QueueCapacity=2</c>.</param>
    /// <exception cref="InvalidOperationException">The server ended instead of listening.</exception>
    public static async Task<ServerProcess> StartAsync(params string[] options)
    {
        var server = new ServerProcess(options);
        server._process.Start();
        server._process.BeginOutputReadLine();
        server._process.BeginErrorReadLine();
        try
        {
            await server._address.Task.WaitAsync(s_patience);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Asks the server to stop, as an orchestrator does: SIGTERM.</summary>
    public void RequestStop()
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException("Windows has no SIGTERM.");
        if (Kill(_process.Id, Terminate) != 0)
            throw new InvalidOperationException($"SIGTERM did not reach process {_process.Id}: error {Marshal.GetLastPInvokeError()}.");
    }

    /// <summary>Waits for the end of the server and of its log.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> WaitForExitAsync()
    {
        await _end.Task.WaitAsync(s_patience);
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Note(string? line)
    {
        if (line is null)
        {
            _end.TrySetResult();
            _address.TrySetException(new InvalidOperationException("The server did not start:\n" + Log));
            return;
        }

        lock (_log)
            _log.Append(line).Append('\n');
        if (line.IndexOf(Listening, StringComparison.Ordinal) is >= 0 and var at)
            _address.TrySetResult(new Uri(line[(at + Listening.Length)..].Trim()));
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int process, int signal);
}
