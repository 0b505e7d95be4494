namespace WebApi.Options;

/// <summary>The section <c>Serving</c> of appsettings.json, which the command line overrules: <c>--Serving:QueueCapacity=64</c>.</summary>
public sealed class ServingOptions
{
    /// <summary>The name of the section.</summary>
    public const string Section = "Serving";

    /// <summary>The number of sessions that compute at the same time; 0 takes as many as fit the processors.</summary>
    public int Workers { get; set; }

    /// <summary>The threads of one session. More than 1 lowers the latency of large networks and never raises throughput.</summary>
    public int ThreadsPerSession { get; set; } = 1;

    /// <summary>The images that may wait for a worker; one more is answered 503.</summary>
    public int QueueCapacity { get; set; } = 256;

    /// <summary>The largest request body in bytes; a larger one is answered 413.</summary>
    public int MaxBodyBytes { get; set; } = 16 * 1024;

    /// <summary>The most open connections. With the queue it bounds the memory that callers can make the server use.</summary>
    public int MaxConnections { get; set; } = 1024;

    /// <summary>What a refused caller is told to wait, rounded up to whole seconds.</summary>
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a stopping server still serves while /health/ready says no, so that balancers look elsewhere first.</summary>
    public TimeSpan DrainDelay { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The most a shutdown may take, the drain delay included; then what is left is cancelled.</summary>
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The number of workers that <see cref="Workers"/> stands for.</summary>
    public int EffectiveWorkers => Workers > 0 ? Workers : Math.Max(1, Environment.ProcessorCount / ThreadsPerSession);
}
