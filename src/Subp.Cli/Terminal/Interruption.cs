using System.Runtime.InteropServices;
using Subp.Cli.Failures;
using Subp.Tooling.Files;

namespace Subp.Cli.Terminal;

/// <summary>Ctrl-C and the request to end: the first asks the command to stop, the second ends the process at once.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly List<PosixSignalRegistration> _registrations = [];

    /// <summary>Set by the first signal.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Starts to listen.</summary>
    public static Interruption Install()
    {
        var interruption = new Interruption();
        foreach (var signal in new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGQUIT })
            interruption._registrations.Add(PosixSignalRegistration.Create(signal, interruption.Receive));
        return interruption;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _source.Dispose();
    }

    private void Receive(PosixSignalContext context)
    {
        context.Cancel = true;
        if (_source.IsCancellationRequested)
        {
            PendingOutputs.DeleteAll();
            Environment.Exit(ExitCodes.Cancelled);
        }

        _source.Cancel();
    }
}
