using System.Text.Json.Nodes;

namespace Subp.Cli.Experiments;

/// <summary>
/// A table of what trained networks keep when they are compressed without training: each of its rows with each of its columns, for the run
/// of every row of the experiment that it names.
/// </summary>
internal sealed record ExperimentGrid
{
    /// <summary>The name, with which those of its runs begin: lower-case letters, digits and hyphens.</summary>
    public string Name { get; init; } = "";

    /// <summary>The head of the table.</summary>
    public string Title { get; init; } = "";

    /// <summary>Paragraphs below the table.</summary>
    public IReadOnlyList<string> Text { get; init; } = [];

    /// <summary>The rows of the experiment whose trained networks are compressed.</summary>
    public IReadOnlyList<string> Of { get; init; } = [];

    /// <summary>Values that all cells share, as in <see cref="NetworkChange"/>.</summary>
    public JsonObject Values { get; init; } = [];

    /// <summary>The rows: each with <c>name</c>, perhaps <c>label</c>, and values of its own.</summary>
    public IReadOnlyList<JsonObject> Rows { get; init; } = [];

    /// <summary>The columns, as the rows.</summary>
    public IReadOnlyList<JsonObject> Columns { get; init; } = [];

    /// <summary>The name of a row or column.</summary>
    public static string NameOf(JsonObject line) => (string?)line["name"] ?? "";

    /// <summary>What readers see of a row or column.</summary>
    public static string LabelOf(JsonObject line) => (string?)line["label"] ?? NameOf(line);

    /// <summary>All values of a cell: its column's win over its row's, and those over the shared ones.</summary>
    public JsonObject ValuesOf(JsonObject row, JsonObject column)
    {
        var values = new JsonObject();
        foreach (var (name, value) in Values.Concat(row).Concat(column))
        {
            if (name is not ("name" or "label"))
                values[name] = value?.DeepClone();
        }

        return values;
    }
}

/// <summary>The cell of a grid that a run is for.</summary>
/// <param name="Grid">The grid.</param>
/// <param name="Of">The row of the experiment whose trained network is compressed.</param>
/// <param name="Row">The row of the grid.</param>
/// <param name="Column">The column of the grid.</param>
/// <param name="Change">What the network loses.</param>
internal sealed record GridCell(ExperimentGrid Grid, ExperimentRow Of, JsonObject Row, JsonObject Column, NetworkChange Change);
