using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Subp.Core.Diagnostics;
using Subp.Core.Text;
using Subp.Training.Models;
using Subp.Training.Recipes;

namespace Subp.Cli.Experiments;

/// <summary>Reads an experiment file and checks everything that can be checked before the first run.</summary>
internal static partial class ExperimentFile
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    /// <summary>Reads a file.</summary>
    /// <exception cref="SubpException">SUBP0580 where it is not valid, SUBP0505 where a recipe in it is not.</exception>
    public static ExperimentTable Read(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path), path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Invalid(path, "a file that cannot be read", "an experiment file", null, exception);
        }
    }

    /// <summary>Reads the text of a file.</summary>
    /// <exception cref="SubpException">As <see cref="Read"/>.</exception>
    public static ExperimentTable Parse(string text, string path)
    {
        ExperimentTable table;
        try
        {
            var reading = new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
            if (JsonNames.FindRepeated(text, reading) is { } name)
                throw Invalid(path, $"'{name}' twice in one object", "each name once", "Leave one of the two out.");
            var root = JsonNode.Parse(text, documentOptions: reading);
            RequireNoNullElement(path, root);
            RequireKnown<ExperimentTable>(path, root);
            foreach (var (index, row) in Items(root, "rows").Index())
                RequireKnown<ExperimentRow>(FormattableString.Invariant($"{path}: rows[{index}]"), row);
            foreach (var (index, goal) in Items(root, "goals").Index())
                RequireKnown<ExperimentGoal>(FormattableString.Invariant($"{path}: goals[{index}]"), goal);
            foreach (var (index, grid) in Items(root, "grids").Index())
                RequireKnown<ExperimentGrid>(FormattableString.Invariant($"{path}: grids[{index}]"), grid);
            table = root.Deserialize<ExperimentTable>(Options)!;
            table = table with { Rows = [.. table.Rows, .. table.Grids.SelectMany(grid => Cells(table, grid, path))] };
        }
        catch (JsonException exception)
        {
            var place = exception is { LineNumber: { } line, BytePositionInLine: { } column }
                ? FormattableString.Invariant($"{path}({line + 1},{column + 1})")
                : path;
            var found = exception.Path is { Length: > 2 } value
                ? $"'{value[2..]}' with a value that does not fit"
                : "text that is not JSON";
            throw Invalid(place, found, "the JSON object of an experiment", null, exception);
        }

        Verify(table, path);
        return table;
    }

    // Row by row, so that what a reader compares is done at the same time.
    private static IEnumerable<ExperimentRow> Cells(ExperimentTable table, ExperimentGrid grid, string path)
    {
        foreach (var name in grid.Of)
        {
            var of =
                table.Rows.FirstOrDefault(row => row.Name == name)
                ?? throw Invalid(
                    $"{path}: grid '{grid.Name}'",
                    $"the row '{name}'",
                    "a row of the table",
                    Spelling.Suggest(name, table.Rows.Select(row => row.Name))
                );
            foreach (var row in grid.Rows)
            {
                foreach (var column in grid.Columns)
                {
                    var full = $"{grid.Name}-{ExperimentGrid.NameOf(row)}-{ExperimentGrid.NameOf(column)}-{name}";
                    var values = grid.ValuesOf(row, column);
                    RequireKnown<NetworkChange>($"{path}: {full}", values);
                    var change = values.Deserialize<NetworkChange>(Options)!;
                    if (change.Fault() is var (found, expected))
                        throw Invalid($"{path}: {full}", found, expected);
                    yield return new ExperimentRow
                    {
                        Name = full,
                        Label = $"{ExperimentGrid.LabelOf(row)}, {ExperimentGrid.LabelOf(column)}",
                        Model = of.Model,
                        Preset = of.Preset,
                        Recipe = of.Recipe,
                        Seeds = of.Seeds,
                        Cell = new GridCell(grid, of, row, column, change),
                    };
                }
            }
        }
    }

    // The names of an object are checked where it is known what they mean; no list of an experiment has a place for null.
    private static void RequireNoNullElement(string path, JsonNode? node)
    {
        if (node is JsonArray list && list.Any(item => item is null))
            throw Invalid($"{path}: {node.GetPath()[2..]}", "null in a list", "values only");
        foreach (var below in node is JsonArray items ? items : (node as JsonObject)?.Select(value => value.Value) ?? [])
            RequireNoNullElement(path, below);
    }

    private static IEnumerable<JsonNode?> Items(JsonNode? root, string name) => root![name] as JsonArray ?? [];

    private static void RequireKnown<T>(string place, JsonNode? node)
    {
        if (node is not JsonObject given)
            throw Invalid(place, node is null ? "null" : $"a value of kind {node.GetValueKind()}", "a JSON object");
        var known = typeof(T)
            .GetProperties()
            .Where(property => property.CanWrite)
            .Select(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name))
            .ToArray();
        foreach (var (name, value) in given)
        {
            if (!known.Contains(name))
                throw Invalid(place, $"'{name}'", "a name that experiments have", Spelling.Suggest(name, known));
            if (value is null)
                throw Invalid(place, $"null for '{name}'", "a value, or no such name");
        }
    }

    private static void Verify(ExperimentTable table, string path)
    {
        if (table.Rows.Count == 0)
            throw Invalid(path, "no rows", "at least one");
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (index, row) in table.Rows.Index())
        {
            var place = FormattableString.Invariant($"{path}: rows[{index}]");
            if (!RowName().IsMatch(row.Name))
                throw Invalid(place, $"the name '{row.Name}'", "lower-case letters, digits and hyphens");
            if (!seen.Add(row.Name))
                throw Invalid(place, $"a second row '{row.Name}'", "names that differ", "Results are kept by name: rename one of the two.");
            if ((row.Seeds ?? table.Seeds) is var seeds && (seeds.Count == 0 || seeds.Distinct().Count() < seeds.Count))
                throw Invalid(place, "no seed, or the same seed twice", "one or more seeds that differ");
            string[] networks = [FashionResNet8.Name, .. ModelZoo.Names];
            if ((row.Model ?? table.Model) is var model && !networks.Contains(model))
                throw Invalid(place, $"the network '{model}'", "a network of the zoo", Spelling.Suggest(model, networks));
        }

        foreach (var (index, row) in table.Rows.Index())
        {
            foreach (var other in new[] { row.Init, row.Teacher }.OfType<string>())
                RequireEarlier(table, index, other, path);
        }

        foreach (var goal in table.Goals)
        {
            foreach (var name in new[] { goal.Row, goal.Against ?? goal.Row }.Where(name => !seen.Contains(name)))
                throw Invalid($"{path}: goal '{goal.Text}'", $"the row '{name}'", "a row of the table", Spelling.Suggest(name, seen));
        }

        foreach (var (row, seed) in ExperimentPlan.Order(table))
            _ = RecipeOf(table, row, seed, path);
    }

    // A run starts from one of the same seed, which has to be done before it.
    private static void RequireEarlier(ExperimentTable table, int index, string name, string path)
    {
        var place = FormattableString.Invariant($"{path}: rows[{index}]");
        var earlier = table.Rows.Take(index).ToArray();
        var found = earlier.FirstOrDefault(row => row.Name == name);
        if (found is null)
            throw Invalid(place, $"the row '{name}'", "an earlier row", Spelling.Suggest(name, earlier.Select(row => row.Name)));
        var row = table.Rows[index];
        if ((row.Seeds ?? table.Seeds).Except(found.Seeds ?? table.Seeds).ToArray() is [var seed, ..])
            throw Invalid(place, FormattableString.Invariant($"the seed {seed}, which '{name}' does not have"), $"seeds of '{name}'");
        if ((row.Model ?? table.Model) != (found.Model ?? table.Model))
            throw Invalid(place, $"'{name}' of another network", $"a row of '{row.Model ?? table.Model}'");
    }

    /// <summary>The recipe of a row: its preset, then the values of the table, then its own, then the seed.</summary>
    /// <exception cref="SubpException">SUBP0505 where a value does not fit, SUBP0574 where the preset does not.</exception>
    public static TrainingRecipe RecipeOf(ExperimentTable table, ExperimentRow row, ulong seed, string path)
    {
        var recipe = row.Preset is null ? new TrainingRecipe() : RecipePreset.Find(row.Preset, row.Model ?? table.Model);
        var values = (JsonObject)JsonNode.Parse(RecipeFile.Print(recipe))!;
        foreach (var (name, value) in table.Recipe.Concat(row.Recipe))
            values[name] = value?.DeepClone();
        values["seed"] = seed;
        return RecipeFile.Parse(values.ToJsonString(), $"{path}: recipe of '{row.Name}'");
    }

    private static SubpException Invalid(string place, string found, string expected, string? action = null, Exception? inner = null) =>
        new(
            new Diagnostic(
                DiagnosticDescriptors.ExperimentInvalid,
                place,
                found,
                expected,
                action ?? "docs/experiments.md shows a file with all names."
            ),
            inner
        );

    [GeneratedRegex("^[a-z0-9][a-z0-9-]*$")]
    private static partial Regex RowName();
}
