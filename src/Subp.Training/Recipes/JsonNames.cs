using System.Text.Json;

namespace Subp.Training.Recipes;

/// <summary>The names in JSON that a user writes: of two values under one name, one would be ignored without a word.</summary>
public static class JsonNames
{
    /// <summary>The first name that an object of a text has twice, or null.</summary>
    /// <param name="text">The text.</param>
    /// <param name="options">How it is read.</param>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public static string? FindRepeated(string text, JsonDocumentOptions options = default)
    {
        using var document = JsonDocument.Parse(text, options);
        return FindRepeated(document.RootElement);
    }

    private static string? FindRepeated(JsonElement element)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        return element.ValueKind switch
        {
            JsonValueKind.Object => element
                .EnumerateObject()
                .Select(property => names.Add(property.Name) ? FindRepeated(property.Value) : property.Name)
                .FirstOrDefault(name => name is not null),
            JsonValueKind.Array => element.EnumerateArray().Select(FindRepeated).FirstOrDefault(name => name is not null),
            _ => null,
        };
    }
}
