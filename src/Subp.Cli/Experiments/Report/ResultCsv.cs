using System.Globalization;
using System.Text;
using Subp.Training.Recipes;

namespace Subp.Cli.Experiments.Report;

/// <summary>Every run of an experiment as a line of comma-separated values.</summary>
internal static class ResultCsv
{
    /// <summary>The text of the file.</summary>
    public static string Write(IReadOnlyList<RowSummary> rows)
    {
        var text = new StringBuilder(
            "row,model,seed,method,epochs,test_accuracy,kept_macs,dense_macs,kept_weights,dense_weights,dll_bytes,dense_dll_bytes,"
                + "memory_bytes,us_per_image,dense_us_per_image,speedup,training_seconds\n"
        );
        foreach (var result in rows.SelectMany(row => row.Results))
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"{result.Row},{result.Model},{result.Recipe.Seed},{MethodNames.Of(result.Recipe.Method)},"
                    + $"{result.Recipe.Epochs},{result.TestAccuracy:0.####},{result.KeptMacs},{result.DenseMacs},{result.KeptWeights},"
                    + $"{result.DenseWeights},{result.AssemblyBytes},{result.DenseAssemblyBytes},{result.MemoryBytes},"
                    + $"{result.Microseconds:0.##},"
                    + $"{result.DenseMicroseconds:0.##},{result.Speedup:0.###},{result.TrainingSeconds:0.#}\n"
            );
        }

        return text.ToString();
    }
}
