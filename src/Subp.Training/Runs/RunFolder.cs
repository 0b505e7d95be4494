using System.Globalization;
using System.Text;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Text;
using Subp.Training.Recipes;

namespace Subp.Training.Runs;

/// <summary>
/// The files of a run: recipe.json, data.json, network.subp, env.json, summary.csv, sparsity.csv, train.log, last.ckpt and best.ckpt. Every
/// file is replaced as a whole; stopping at any moment leaves the state after the last complete epoch.
/// </summary>
public sealed class RunFolder : IDisposable
{
    private const string LockName = "run.lock";

    // All that a run leaves, the finished networks and the report among them. The first is what makes a folder a run that can go on, and
    // it goes first; the last still tells whose folder it is when nothing else is left.
    private static readonly string[] s_names =
    [
        "recipe.json",
        "data.json",
        RunNetwork.FileName,
        "env.json",
        "summary.csv",
        "sparsity.csv",
        "train.log",
        "best.ckpt",
        "report.html",
        "skipped-images.txt",
        "model.subp",
        "model.safetensors",
        "trained.subp",
        "trained.safetensors",
        "int8.subp",
        "int8.safetensors",
        "last.ckpt",
    ];

    // A process that is killed while it writes its first file leaves that under its temporary name.
    private static readonly string[] s_marks = ["recipe.json", "recipe.json.tmp", "last.ckpt", "last.ckpt.tmp"];

    // Windows; EWOULDBLOCK of Linux; of macOS.
    private static readonly int[] s_sharingViolations = [unchecked((int)0x80070020), 11, 35];

    private readonly List<string> _made = [];
    private FileStream? _lock;

    private RunFolder(string path) => Path = path;

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The checkpoint of the last complete epoch.</summary>
    public string LastCheckpoint => In("last.ckpt");

    /// <summary>The checkpoint of the best epoch at the target sparsity.</summary>
    public string BestCheckpoint => In("best.ckpt");

    /// <summary>Where the recipe is written.</summary>
    public string RecipePath => In("recipe.json");

    /// <summary>
    /// Opens a folder for a new or a resumed run. Until it is disposed of, no other process can open it. What it holds stays as it is until
    /// the new run has something to write.
    /// </summary>
    /// <param name="path">The folder, which is made if it does not exist.</param>
    /// <param name="resume">Whether a run in it goes on.</param>
    /// <param name="overwrite">Whether a run in it may be replaced.</param>
    /// <exception cref="SubpException">As <see cref="RequireUsable"/>. SUBP0593 where another process trains the run.</exception>
    public static RunFolder Open(string path, bool resume, bool overwrite)
    {
        RequireUsable(path, resume, overwrite);
        var folder = new RunFolder(path);
        folder.Make();
        try
        {
            folder.Lock();
        }
        catch
        {
            folder.RemoveMade();
            throw;
        }

        return folder;
    }

    /// <summary>Requires that a new or a resumed run may have a folder, and changes nothing in it.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="resume">Whether a run in it goes on.</param>
    /// <param name="overwrite">Whether a run in it may be replaced.</param>
    /// <exception cref="SubpException">SUBP0510 where the folder holds a run and neither was asked for. SUBP0550 where it holds none that
    /// could go on. SUBP0805 where something else is in it that would be overwritten.</exception>
    public static void RequireUsable(string path, bool resume, bool overwrite)
    {
        if (resume)
        {
            RequireRun(path);
        }
        else if (!overwrite && IsRun(path))
        {
            throw new SubpException(
                DiagnosticDescriptors.RunFolderInUse,
                path,
                "the files of a run",
                "an empty or new folder",
                "Choose another folder, resume the run, or overwrite it."
            );
        }
        else if (overwrite && !IsRun(path) && !IsFree(path))
        {
            // A mistyped path must not cost the user what lies there under the names of a run.
            throw new SubpException(
                DiagnosticDescriptors.OutputNotReplaceable,
                path,
                "a folder without recipe.json",
                "a folder that a training wrote earlier",
                "Choose another --output, or remove the folder yourself."
            );
        }
    }

    /// <summary>Whether a training has written to a folder.</summary>
    public static bool IsRun(string path) => s_marks.Any(name => System.IO.Path.Exists(System.IO.Path.Combine(path, name)));

    /// <summary>Whether a folder holds a run with all that it takes to go on.</summary>
    public static bool CanGoOn(string path) =>
        new RunFolder(path) is var run && File.Exists(run.RecipePath) && File.Exists(run.LastCheckpoint);

    /// <summary>Whether there is nothing in a folder, or no such folder. The lock of a process that was killed is nothing.</summary>
    public static bool IsFree(string path) =>
        !Directory.Exists(path) || Directory.EnumerateFileSystemEntries(path).All(entry => System.IO.Path.GetFileName(entry) == LockName);

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

    /// <summary>Writes what a run needs to go on, in place of the run that is replaced.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="network">The network as it is trained.</param>
    /// <param name="data">The images.</param>
    /// <param name="environment">The text of env.json.</param>
    /// <param name="checkpoint">The state before the first step; null where the folder has a checkpoint of the run.</param>
    /// <param name="isResumed">Whether the run in the folder goes on.</param>
    internal void Begin(TrainingRecipe recipe, Graph network, RunData data, string environment, byte[]? checkpoint, bool isResumed)
    {
        try
        {
            if (!isResumed)
                Clear();
            if (checkpoint is not null)
                AtomicFile.Write(LastCheckpoint, checkpoint);
            AtomicFile.Write(In(RunNetwork.FileName), SubpPrinter.Print(network));
            AtomicFile.Write(In("data.json"), data.Print());
            AtomicFile.Write(In("env.json"), environment);
            // The recipe comes last: a folder with it holds everything that it takes to go on.
            AtomicFile.Write(RecipePath, RecipeFile.Print(recipe));
        }
        catch when (!isResumed)
        {
            Clear();
            throw;
        }
    }

    private void Clear()
    {
        foreach (string name in s_names)
            File.Delete(In(name));
    }

    private string In(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Lets other processes open the folder again. Where nothing was written, a folder that was not there is not there.</summary>
    public void Dispose()
    {
        _lock?.Dispose();
        RemoveMade();
    }

    private void Make()
    {
        string? folder = System.IO.Path.GetFullPath(Path);
        while (folder is not null && !Directory.Exists(folder))
        {
            _made.Add(folder);
            folder = System.IO.Path.GetDirectoryName(folder);
        }

        Directory.CreateDirectory(Path);
    }

    private void RemoveMade()
    {
        // The innermost was noted first.
        foreach (string folder in _made)
        {
            if (Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any())
                Directory.Delete(folder);
        }

        _made.Clear();
    }

    // The system frees the lock of a process that is killed; a file that is left behind locks nothing.
    private void Lock()
    {
        string file = In(LockName);
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

        AtomicFile.Write(In("summary.csv"), summary.ToString());
        AtomicFile.Write(In("sparsity.csv"), sparsity.ToString());
    }

    internal void Log(string line) => File.AppendAllText(In("train.log"), line + "\n");
}
