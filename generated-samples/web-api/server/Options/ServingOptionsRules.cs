namespace WebApi.Options;

/// <summary>
/// Reads and checks the options before the server starts; every complaint names the option, what was found and what is allowed.
/// </summary>
public static class ServingOptionsRules
{
    private static readonly string[] s_names =
    [
        nameof(ServingOptions.Workers),
        nameof(ServingOptions.ThreadsPerSession),
        nameof(ServingOptions.QueueCapacity),
        nameof(ServingOptions.MaxBodyBytes),
        nameof(ServingOptions.MaxConnections),
        nameof(ServingOptions.RetryAfter),
        nameof(ServingOptions.DrainDelay),
        nameof(ServingOptions.ShutdownTimeout),
    ];

    /// <summary>Reads the section <c>Serving</c>. A name that is not known is a complaint too, because it is a misspelt one.</summary>
    /// <param name="configuration">The configuration of the host.</param>
    /// <param name="complaints">What is wrong; empty where the options can be used.</param>
    public static ServingOptions Read(IConfiguration configuration, out IReadOnlyList<string> complaints)
    {
        var options = new ServingOptions();
        var section = configuration.GetSection(ServingOptions.Section);
        complaints =
        [
            .. section
                .GetChildren()
                .Where(child => !s_names.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
                .Select(child => $"{child.Path}: found an option that is not known, expected one of {string.Join(", ", s_names)}."),
        ];
        if (complaints.Count > 0)
            return options;
        try
        {
            section.Bind(options);
            complaints = Check(options);
        }
        catch (InvalidOperationException exception)
        {
            complaints = [exception.Message];
        }

        return options;
    }

    private static List<string> Check(ServingOptions options)
    {
        var complaints = new List<string>();
        Require(options.Workers is >= 0 and <= 1024, nameof(options.Workers), options.Workers, "0 (as many as fit) to 1024");
        Require(
            Fashion.SupportedThreadCounts.Contains(options.ThreadsPerSession),
            nameof(options.ThreadsPerSession),
            options.ThreadsPerSession,
            "one of the compiled thread counts: " + string.Join(", ", Fashion.SupportedThreadCounts.ToArray())
        );
        Require(options.QueueCapacity is >= 1 and <= 1_000_000, nameof(options.QueueCapacity), options.QueueCapacity, "1 to 1000000");
        Require(options.MaxBodyBytes is >= 1024 and <= 1 << 24, nameof(options.MaxBodyBytes), options.MaxBodyBytes, "1024 to 16777216");
        Require(options.MaxConnections >= 1, nameof(options.MaxConnections), options.MaxConnections, "1 or more");
        Require(options.RetryAfter > TimeSpan.Zero, nameof(options.RetryAfter), options.RetryAfter, "more than 00:00:00");
        Require(options.ShutdownTimeout > TimeSpan.Zero, nameof(options.ShutdownTimeout), options.ShutdownTimeout, "more than 00:00:00");
        Require(
            options.DrainDelay >= TimeSpan.Zero && options.DrainDelay < options.ShutdownTimeout,
            nameof(options.DrainDelay),
            options.DrainDelay,
            $"00:00:00 to less than ShutdownTimeout, {options.ShutdownTimeout}"
        );
        return complaints;

        void Require(bool holds, string option, object found, string expected)
        {
            if (!holds)
                complaints.Add($"{ServingOptions.Section}:{option}: found {found}, expected {expected}.");
        }
    }
}
