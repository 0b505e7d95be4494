using WebApi.Load;
using Xunit;

namespace Subp.Samples.WebApi.Tests;

/// <summary>One server for the tests that send single requests.</summary>
public sealed class RunningServer : IAsyncLifetime
{
    private ServerProcess? _server;

    public HttpClient Client { get; private set; } = new();

    public async Task InitializeAsync()
    {
        _server = await ServerProcess.StartAsync();
        Client = Callers.ClientFor(_server, callers: 4);
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        if (_server is not null)
            await _server.DisposeAsync();
    }
}
