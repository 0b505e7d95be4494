using System.Text.Json.Nodes;
using Subp.Training.Models;

namespace Subp.Cli.Experiments;

/// <summary>An experiment as its file describes it: recipes, each trained with several seeds, that one table compares.</summary>
internal sealed record ExperimentTable
{
    /// <summary>The head of the page.</summary>
    public string Title { get; init; } = "";

    /// <summary>Paragraphs below the head.</summary>
    public IReadOnlyList<string> Text { get; init; } = [];

    /// <summary>The network of the rows that name none.</summary>
    public string Model { get; init; } = FashionResNet8.Name;

    /// <summary>How many images are trained on, the first of the data set; null for all of them.</summary>
    public int? TrainingImages { get; init; }

    /// <summary>How many images are tested on, the first of the data set; null for all of them.</summary>
    public int? TestImages { get; init; }

    /// <summary>Values of the recipe that all rows share, as in recipe.json.</summary>
    public JsonObject Recipe { get; init; } = [];

    /// <summary>The seeds of the rows that name none, the most important first.</summary>
    public IReadOnlyList<ulong> Seeds { get; init; } = [1];

    /// <summary>The rows, the most important first.</summary>
    public IReadOnlyList<ExperimentRow> Rows { get; init; } = [];

    /// <summary>Tables of compressed networks; their cells are rows too once a file is read.</summary>
    public IReadOnlyList<ExperimentGrid> Grids { get; init; } = [];

    /// <summary>What the results should show.</summary>
    public IReadOnlyList<ExperimentGoal> Goals { get; init; } = [];
}

/// <summary>One row: a recipe.</summary>
internal sealed record ExperimentRow
{
    /// <summary>The name, by which files and goals know it: lower-case letters, digits and hyphens.</summary>
    public string Name { get; init; } = "";

    /// <summary>What readers see; the name where there is none.</summary>
    public string? Label { get; init; }

    /// <summary>The network, where it is not that of the table.</summary>
    public string? Model { get; init; }

    /// <summary>A published recipe that the row begins with, before the values of table and row.</summary>
    public string? Preset { get; init; }

    /// <summary>Values of the recipe; they win over those of the table.</summary>
    public JsonObject Recipe { get; init; } = [];

    /// <summary>The seeds, where they are not those of the table.</summary>
    public IReadOnlyList<ulong>? Seeds { get; init; }

    /// <summary>The row whose run of the same seed this one starts from.</summary>
    public string? Init { get; init; }

    /// <summary>The row whose run of the same seed teaches this one.</summary>
    public string? Teacher { get; init; }

    /// <summary>A sentence for the readers of the table.</summary>
    public string? Note { get; init; }

    /// <summary>The cell of a grid that the row stands for; null where a network is trained. Not in files.</summary>
    internal GridCell? Cell { get; init; }

    /// <summary>What readers see.</summary>
    public string Title => Label ?? Name;
}

/// <summary>A goal: the mean accuracy of a row, or how far it is above that of another.</summary>
internal sealed record ExperimentGoal
{
    /// <summary>The goal in words.</summary>
    public string Text { get; init; } = "";

    /// <summary>The row.</summary>
    public string Row { get; init; } = "";

    /// <summary>The row whose accuracy is taken off; null for the accuracy itself.</summary>
    public string? Against { get; init; }

    /// <summary>The least accuracy or difference, as a share: 0.93, or -0.005 for half a point below.</summary>
    public double AtLeast { get; init; }
}
