using System.Globalization;
using System.Text.Json;
using Subp.Core.Diagnostics;
using Subp.Training.Recipes;

namespace Subp.Training.Runs;

/// <summary>What the folder of a run says about it: the recipe, the lines of its tables, the images.</summary>
/// <param name="Recipe">The recipe.</param>
/// <param name="History">One summary for each complete epoch, with the digits that the tables have.</param>
/// <param name="Data">The images; null for folders of versions that did not write data.json.</param>
/// <param name="Environment">The text of env.json; null for folders of versions that did not write it.</param>
public sealed record RunRecord(TrainingRecipe Recipe, IReadOnlyList<EpochSummary> History, RunData? Data, string? Environment)
{
    /// <summary>Whether all epochs of the recipe are complete.</summary>
    public bool IsFinished => History.Count >= Recipe.Epochs;

    /// <summary>Reads a folder.</summary>
    /// <param name="path">The folder of a run, finished or not.</param>
    /// <exception cref="SubpException">SUBP0590: it is none, or a file in it is not what a training writes. SUBP0505: its recipe is not
    /// valid.</exception>
    public static RunRecord Read(string path)
    {
        string recipe = Path.Combine(path, "recipe.json");
        if (!File.Exists(recipe))
        {
            throw Invalid(
                path,
                Directory.Exists(path) ? "a folder without recipe.json" : "no such folder",
                "the folder of a run",
                "Name the folder that 'subp train' wrote with --output."
            );
        }

        return new RunRecord(RecipeFile.Read(recipe), ReadHistory(path), ReadData(path), Text(path, "env.json"));
    }

    /// <summary>Reads the images of a run; null for folders of versions that did not write data.json.</summary>
    /// <exception cref="SubpException">SUBP0590: data.json is not what a training writes.</exception>
    internal static RunData? ReadData(string folder)
    {
        try
        {
            return Text(folder, "data.json") is { } text ? RunData.Parse(text) : null;
        }
        catch (JsonException)
        {
            throw Invalid(
                Path.Combine(folder, "data.json"),
                "text that is not JSON, or values that do not fit",
                "the file as a training wrote it"
            );
        }
    }

    private static IReadOnlyList<EpochSummary> ReadHistory(string path)
    {
        var layers = Rows(Path.Combine(path, "sparsity.csv"), columns: 7, Layer).ToLookup(row => row.Epoch, row => row.Layer);
        return
        [
            .. Rows(
                Path.Combine(path, "summary.csv"),
                columns: 9,
                cells => new EpochSummary(
                    Whole(cells[0]),
                    Number(cells[1]),
                    Number(cells[2]),
                    Number(cells[3]),
                    TestLoss: Number(cells[4]),
                    TestAccuracy: Number(cells[5]),
                    TestTopFive: Number(cells[6]),
                    Sparsity: Number(cells[7]),
                    Seconds: Number(cells[8]),
                    Layers: [.. layers[Whole(cells[0])]]
                )
            ),
        ];
    }

    private static (int Epoch, LayerSparsity Layer) Layer(string[] cells)
    {
        var (groups, channels) = (Whole(cells[2]), Whole(cells[3]));
        // The share has four digits, which is enough to find the number of blocks again up to five thousand of them, and near it above.
        int kept = (int)Math.Round((1 - Number(cells[5])) * groups * channels);
        return (Whole(cells[0]), new LayerSparsity(cells[1], groups, channels, kept, Whole(cells[6])));
    }

    private static List<T> Rows<T>(string path, int columns, Func<string[], T> read)
    {
        var rows = new List<T>();
        if (!File.Exists(path))
            return rows;

        foreach (var (index, line) in File.ReadLines(path).Index().Skip(1))
        {
            string[] cells = line.Split(',');
            try
            {
                rows.Add(cells.Length == columns ? read(cells) : throw new FormatException());
            }
            catch (Exception exception) when (exception is FormatException or OverflowException)
            {
                throw Invalid(
                    FormattableString.Invariant($"{path}({index + 1})"),
                    $"'{line}'",
                    FormattableString.Invariant($"{columns} values as a training writes them")
                );
            }
        }

        return rows;
    }

    private static string? Text(string path, string name) =>
        Path.Combine(path, name) is var file && File.Exists(file) ? File.ReadAllText(file) : null;

    private static int Whole(string cell) => int.Parse(cell, NumberStyles.None, CultureInfo.InvariantCulture);

    private static double Number(string cell) => double.Parse(cell, NumberStyles.Float, CultureInfo.InvariantCulture);

    private static SubpException Invalid(string place, string found, string expected, string? action = null) =>
        new(DiagnosticDescriptors.RunInvalid, place, found, expected, action ?? "Do the run again, or put the file back as it was.");
}
