using System.Globalization;
using System.Text;
using Subp.Core.Diagnostics;
using Subp.Training.Recipes;

namespace Subp.Training.Runs;

/// <summary>
/// The files of a run: recipe.json, data.json, env.json, summary.csv, sparsity.csv, train.log, last.ckpt and best.ckpt. Every file is
/// replaced as a whole; stopping at any moment leaves the state after the last complete epoch.
/// </summary>
public sealed class RunFolder : IDisposable
{
    // The report speaks of the run that is replaced.
    private static readonly string[] s_names =
    [
        "recipe.json",
        "data.json",
        "env.json",
        "summary.csv",
        "sparsity.csv",
        "train.log",
        "last.ckpt",
        "best.ckpt",
        "report.html",
    ];

    // Windows; EWOULDBLOCK of Linux; of macOS.
    private static readonly int[] s_sharingViolations = [unchecked((int)0x80070020), 11, 35];

    private FileStream? _lock;

    private RunFolder(string path) => Path = path;

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The checkpoint of the last complete epoch.</summary>
    public string LastCheckpoint => System.IO.Path.Combine(Path, "last.ckpt");

    /// <summary>The checkpoint of the best epoch at the target sparsity.</summary>
    public string BestCheckpoint => System.IO.Path.Combine(Path, "best.ckpt");

    /// <summary>Where the recipe is written.</summary>
    public string RecipePath => System.IO.Path.Combine(Path, "recipe.json");

    /// <summary>Opens a folder for a new or a resumed run. Until it is disposed of, no other process can open it.</summary>
    /// <param name="path">The folder, which is made if it does not exist.</param>
    /// <param name="resume">Whether a run in it goes on.</param>
    /// <param name="overwrite">Whether a run in it is replaced.</param>
    /// <exception cref="SubpException">SUBP0510 where the folder holds a run and neither was asked for. SUBP0550 where it holds none that
    /// could go on. SUBP0593 where another process trains it.</exception>
    public static RunFolder Open(string path, bool resume, bool overwrite)
    {
        var folder = new RunFolder(path);
        if (resume)
            RequireRun(path);
        bool isRun = File.Exists(folder.RecipePath);
        if (!resume && isRun && !overwrite)
        {
            throw new SubpException(
                DiagnosticDescriptors.RunFolderInUse,
                path,
                "recipe.json",
                "an empty or new folder",
                "Choose another folder, resume the run, or overwrite it."
            );
        }

        Directory.CreateDirectory(path);
        folder.Lock();
        foreach (string name in isRun && !resume ? s_names : [])
            File.Delete(System.IO.Path.Combine(path, name));
        return folder;
    }

    /// <summary>Requires that a folder holds a run, complete or not.</summary>
    /// <exception cref="SubpException">SUBP0550: it holds none.</exception>
    public static void RequireRun(string path)
    {
        if (!File.Exists(new RunFolder(path).RecipePath))
            throw new SubpException(
                DiagnosticDescriptors.NoRunToResume,
                path,
                "no recipe.json",
                "the folder of a run that was stopped",
                "Name the folder of the run, or start one without --resume."
            );
    }

    /// <summary>Lets other processes open the folder again.</summary>
    public void Dispose() => _lock?.Dispose();

    // The system frees the lock of a process that is killed; a file that is left behind locks nothing.
    private void Lock()
    {
        string file = System.IO.Path.Combine(Path, "run.lock");
        try
        {
            _lock = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException failure) when (s_sharingViolations.Contains(failure.HResult))
        {
            throw new SubpException(
                DiagnosticDescriptors.RunInProgress,
                Path,
                "a run that another process trains",
                "a folder of its own for every process",
                "Wait for the other process, or choose another folder; shards of an experiment divide its runs with --shard."
            );
        }
    }

    internal void WriteRecipe(TrainingRecipe recipe) => AtomicFile.Write(RecipePath, RecipeFile.Print(recipe));

    internal void WriteData(RunData data) => AtomicFile.Write(System.IO.Path.Combine(Path, "data.json"), data.Print());

    internal void WriteEnvironment(string text) => AtomicFile.Write(System.IO.Path.Combine(Path, "env.json"), text);

    internal void WriteTables(IReadOnlyList<EpochSummary> history)
    {
        var summary = new StringBuilder(
            "epoch,learning_rate,train_loss,train_accuracy,test_loss,test_accuracy,test_top5,sparsity,seconds\n"
        );
        var sparsity = new StringBuilder("epoch,layer,groups,input_channels,kept_per_group,sparsity,changed_blocks\n");
        foreach (var epoch in history)
        {
            summary.Append(
                CultureInfo.InvariantCulture,
                $"{epoch.Epoch},{epoch.LearningRate:F6},{epoch.TrainLoss:F6},{epoch.TrainAccuracy:F4},{epoch.TestLoss:F6},"
                    + $"{epoch.TestAccuracy:F4},{epoch.TestTopFive:F4},{epoch.Sparsity:F4},{epoch.Seconds:F2}\n"
            );
            foreach (var layer in epoch.Layers)
            {
                sparsity.Append(
                    CultureInfo.InvariantCulture,
                    $"{epoch.Epoch},{layer.Layer},{layer.Groups},{layer.InputChannels},{layer.KeptPerGroup:0.##},{layer.Sparsity:F4},"
                        + $"{layer.ChangedBlocks}\n"
                );
            }
        }

        AtomicFile.Write(System.IO.Path.Combine(Path, "summary.csv"), summary.ToString());
        AtomicFile.Write(System.IO.Path.Combine(Path, "sparsity.csv"), sparsity.ToString());
    }

    internal void Log(string line) => File.AppendAllText(System.IO.Path.Combine(Path, "train.log"), line + "\n");
}
