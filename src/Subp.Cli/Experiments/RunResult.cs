using System.Text.Json;
using System.Text.Json.Serialization;
using Subp.Core.Diagnostics;
using Subp.Training.Recipes;

namespace Subp.Cli.Experiments;

/// <summary>What one run of an experiment gave; a small JSON file that is kept when the run folder is not.</summary>
internal sealed record RunResult
{
    /// <summary>Raised when a property is renamed, removed or changes its meaning.</summary>
    public const int CurrentSchema = 1;

    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        NewLine = "\n",
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    private static readonly JsonSerializerOptions CompactOptions = new(Options) { WriteIndented = false };

    /// <summary>The form of the file.</summary>
    public required int SchemaVersion { get; init; }

    /// <summary>The row.</summary>
    public required string Row { get; init; }

    /// <summary>The network.</summary>
    public required string Model { get; init; }

    /// <summary>What was trained.</summary>
    public required TrainingRecipe Recipe { get; init; }

    /// <summary>The row that the training started from.</summary>
    public string? Init { get; init; }

    /// <summary>The row that taught.</summary>
    public string? Teacher { get; init; }

    /// <summary>The row whose trained network was compressed.</summary>
    public string? Of { get; init; }

    /// <summary>What a compressed network lost.</summary>
    public NetworkChange? Change { get; init; }

    /// <summary>The bytes of the weights of a compressed network, packed at their bits.</summary>
    public long? WeightBytes { get; init; }

    /// <summary>Images trained on.</summary>
    public required int TrainingImages { get; init; }

    /// <summary>Images tested on.</summary>
    public required int TestImages { get; init; }

    /// <summary>The sha256 of the labels of the training images; null in older files, and where images are not in memory.</summary>
    public string? TrainingLabels { get; init; }

    /// <summary>The same of the test images.</summary>
    public string? TestLabels { get; init; }

    /// <summary>The share of test images in their class after the last epoch, by the compiled code.</summary>
    public required double TestAccuracy { get; init; }

    /// <summary>The same by the training engine, after every epoch.</summary>
    public required IReadOnlyList<double> AccuracyByEpoch { get; init; }

    /// <summary>Multiply-accumulates of kept blocks, per image.</summary>
    public required long KeptMacs { get; init; }

    /// <summary>Multiply-accumulates of the dense parent, per image.</summary>
    public required long DenseMacs { get; init; }

    /// <summary>Weights of kept blocks.</summary>
    public required long KeptWeights { get; init; }

    /// <summary>Weights of the dense parent.</summary>
    public required long DenseWeights { get; init; }

    /// <summary>The size of the compiled assembly, weights included.</summary>
    public required long AssemblyBytes { get; init; }

    /// <summary>The same of the dense parent.</summary>
    public required long DenseAssemblyBytes { get; init; }

    /// <summary>
    /// What a loaded model and a session of one thread hold: values, scratch, stored and prepared weights; null in older files.
    /// </summary>
    public long? MemoryBytes { get; init; }

    /// <summary>The median time of an image on one thread, in microseconds.</summary>
    public required double Microseconds { get; init; }

    /// <summary>The same of the dense parent, in the same rounds.</summary>
    public required double DenseMicroseconds { get; init; }

    /// <summary>How often faster than the dense parent: the median over the rounds of the ratio within each.</summary>
    public required double Speedup { get; init; }

    /// <summary>The instruction set of the compiled code.</summary>
    public required string InstructionSet { get; init; }

    /// <summary>How long all epochs took, in seconds.</summary>
    public required double TrainingSeconds { get; init; }

    /// <summary>What computed the training.</summary>
    public required string Engine { get; init; }

    /// <summary>The machine.</summary>
    public required string Machine { get; init; }

    /// <summary>The version of this tool.</summary>
    public required string ToolVersion { get; init; }

    /// <summary>The text of the file.</summary>
    public string Print() => JsonSerializer.Serialize(this, Options) + "\n";

    private static string Print(NetworkChange? change) => JsonSerializer.Serialize(change, CompactOptions);

    /// <summary>Reads a file, which must be of the run that it is named after.</summary>
    /// <exception cref="SubpException">SUBP0583: it is no result, or of another row or recipe.</exception>
    public static RunResult Read(string path, ExperimentTable table, ExperimentRow row, TrainingRecipe recipe)
    {
        RunResult result;
        try
        {
            result = JsonSerializer.Deserialize<RunResult>(File.ReadAllText(path), Options) ?? throw new JsonException();
        }
        catch (JsonException exception)
        {
            throw new SubpException(
                new Diagnostic(
                    DiagnosticDescriptors.ExperimentResultInvalid,
                    path,
                    "text that is no result",
                    "the JSON file of a run",
                    "Remove it, and the run is done again."
                ),
                exception
            );
        }

        var (found, expected) =
            result.SchemaVersion != CurrentSchema ? ($"schemaVersion {result.SchemaVersion}", $"{CurrentSchema}")
            : result.Row != row.Name ? ($"a result of '{result.Row}'", $"one of '{row.Name}'")
            : result.Model != (row.Model ?? table.Model) ? ($"the network '{result.Model}'", $"'{row.Model ?? table.Model}'")
            : result.Init != row.Init ? ($"a start from '{result.Init ?? "nothing"}'", $"'{row.Init ?? "nothing"}'")
            : result.Teacher != row.Teacher ? ($"the teacher '{result.Teacher ?? "none"}'", $"'{row.Teacher ?? "none"}'")
            : result.Of != row.Cell?.Of.Name ? ($"a compressed '{result.Of ?? "nothing"}'", $"'{row.Cell?.Of.Name ?? "nothing"}'")
            : Print(result.Change) is var lost && Print(row.Cell?.Change) is var wanted && lost != wanted ? (lost, wanted)
            : RecipeFile.PrintChanges(result.Recipe) is var trained && RecipeFile.PrintChanges(recipe) is var asked && trained != asked
                ? ($"the recipe {trained}", asked)
            : table.TrainingImages is { } training && training != result.TrainingImages
                ? ($"{result.TrainingImages} training images", $"{training}")
            : table.TestImages is { } test && test != result.TestImages ? ($"{result.TestImages} test images", $"{test}")
            : ("", "");
        return found.Length == 0
            ? result
            : throw new SubpException(
                DiagnosticDescriptors.ExperimentResultInvalid,
                path,
                found,
                expected,
                "The table has changed since: remove the file and its run folder, and the run is done again."
            );
    }
}
