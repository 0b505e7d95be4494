using System.Globalization;

namespace Subp.Onnx;

/// <summary>Hands out names that are not taken yet; the same requests in the same order give the same names.</summary>
internal sealed class UniqueNames
{
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _next = new(StringComparer.Ordinal);

    /// <summary>Marks a name as taken.</summary>
    public void Reserve(string name) => _taken.Add(name);

    /// <summary>
    /// Takes <paramref name="wanted"/> where it is free, else the first free one of <c>wanted.2</c>, <c>wanted.3</c> and so on.
    /// </summary>
    public string Take(string wanted)
    {
        var name = wanted;
        var number = _next.GetValueOrDefault(wanted, 2);
        while (!_taken.Add(name))
            name = string.Create(CultureInfo.InvariantCulture, $"{wanted}.{number++}");
        _next[wanted] = number;
        return name;
    }
}
