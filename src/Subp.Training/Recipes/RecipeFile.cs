using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Subp.Core.Diagnostics;
using Subp.Core.Text;

namespace Subp.Training.Recipes;

/// <summary>Recipes as JSON: camel case, one value a line, unknown names refused so that a typing error is not silently ignored.</summary>
public static class RecipeFile
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        WriteIndented = true,
        NewLine = "\n",
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    /// <summary>The text of a recipe, every value written out.</summary>
    public static string Print(TrainingRecipe recipe) => JsonSerializer.Serialize(recipe, Options) + "\n";

    /// <summary>The values of a recipe that are not the defaults, by name: two recipes with the same text train the same.</summary>
    public static string PrintChanges(TrainingRecipe recipe)
    {
        var defaults = (JsonObject)JsonSerializer.SerializeToNode(new TrainingRecipe(), Options)!;
        var changes = ((JsonObject)JsonSerializer.SerializeToNode(recipe.Relevant, Options)!)
            .Where(value => !JsonNode.DeepEquals(value.Value, defaults[value.Key]))
            .OrderBy(value => value.Key, StringComparer.Ordinal)
            .Select(value => KeyValuePair.Create(value.Key, value.Value?.DeepClone()));
        return new JsonObject(changes).ToJsonString();
    }

    /// <summary>Reads the text of a recipe; values that are absent take their defaults.</summary>
    /// <exception cref="SubpException">SUBP0505 where the text is no recipe or a value is out of range.</exception>
    public static TrainingRecipe Parse(string text, string location)
    {
        try
        {
            if (JsonNames.FindRepeated(text) is { } name)
                throw Invalid(location, $"'{name}' twice", null, "Leave one of the two out.");

            RequireKnownNames(text, location);
            var recipe = JsonSerializer.Deserialize<TrainingRecipe>(text, Options) ?? throw Invalid(location, "null", null);
            if (recipe.Include is null || recipe.Exclude is null)
                throw Invalid(location, "null for a list of layers", null);

            if (recipe.Include.Concat(recipe.Exclude).Any(layer => layer is null))
                throw Invalid(location, "null in a list of layers", null, "Name a layer, or a pattern with *.");

            RecipeRules.Verify(recipe);
            return recipe;
        }
        catch (JsonException exception)
        {
            long line = (exception.LineNumber ?? 0) + 1;
            long column = (exception.BytePositionInLine ?? 0) + 1;
            string place = FormattableString.Invariant($"{location}({line},{column})");
            throw Invalid(
                place,
                exception.Path is { Length: > 2 } path ? $"'{path[2..]}' with a value that does not fit" : "text that is not JSON",
                exception
            );
        }
    }

    /// <summary>Reads a recipe file.</summary>
    /// <exception cref="SubpException">SUBP0505 as for <see cref="Parse"/>, or where the file cannot be read.</exception>
    public static TrainingRecipe Read(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path), path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Invalid(path, "a file that cannot be read", exception);
        }
    }

    // The serialiser refuses unknown names too, but cannot say which one was meant.
    private static void RequireKnownNames(string text, string location)
    {
        if (JsonNode.Parse(text) is not JsonObject given)
            return;

        string[] known = [.. ((JsonObject)JsonSerializer.SerializeToNode(new TrainingRecipe(), Options)!).Select(value => value.Key)];
        if (given.Select(value => value.Key).FirstOrDefault(name => !known.Contains(name)) is { } unknown)
            throw Invalid(location, $"the name '{unknown}'", null, Spelling.Suggest(unknown, known));
    }

    private static SubpException Invalid(string location, string found, Exception? inner, string? action = null) =>
        new(
            new Diagnostic(
                DiagnosticDescriptors.RecipeInvalid,
                location,
                found,
                "the JSON object of a recipe",
                action ?? "Start from the recipe.json of a run folder; docs/recipes.md lists all names."
            ),
            inner
        );
}
