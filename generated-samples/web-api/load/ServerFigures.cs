using System.Globalization;

namespace WebApi.Load;

/// <summary>What the server says about itself at /metrics.</summary>
public sealed class ServerFigures
{
    private readonly Dictionary<string, double> _values = [];

    private ServerFigures(string text)
    {
        foreach (var line in text.Split('\n').Where(line => line.Length > 0 && line[0] != '#'))
        {
            var space = line.LastIndexOf(' ');
            _values[line[..space]] = double.Parse(line[(space + 1)..], CultureInfo.InvariantCulture);
        }
    }

    /// <summary>A value by its name with its labels; 0 where the server has not named it yet.</summary>
    public double this[string name] => _values.GetValueOrDefault(name);

    /// <summary>The working set in megabytes.</summary>
    public double WorkingSet => this["process_resident_memory_bytes"] / 1e6;

    /// <summary>What the last collection left, in megabytes.</summary>
    public double LiveHeap => this["dotnet_gc_live_bytes"] / 1e6;

    /// <summary>The managed heap with its garbage, in megabytes.</summary>
    public double Heap => this["dotnet_gc_heap_bytes"] / 1e6;

    /// <summary>Reads the figures of this moment.</summary>
    public static async Task<ServerFigures> ReadAsync(HttpClient client) => new(await client.GetStringAsync("/metrics"));
}
