using Subp.Core.Diagnostics;

namespace Subp.Tooling.Files;

/// <summary>
/// The files and folders one command writes. Each is written under a temporary name beside its target; <see cref="Commit"/> renames them
/// all. Whatever ends the command before that, a failure or Ctrl-C, leaves the targets as they were and removes the temporary ones.
/// </summary>
internal sealed class OutputSet(bool force) : IDisposable
{
    private readonly List<(string Temporary, string Target)> _staged = [];
    private readonly List<string> _createdFolders = [];

    /// <summary>Announces a file.</summary>
    /// <returns>The temporary path to write to.</returns>
    /// <exception cref="SubpException">The target exists and may not be overwritten.</exception>
    public string StageFile(string target)
    {
        RequireFree(target);
        if (Directory.Exists(target))
            throw new SubpException(DiagnosticDescriptors.OutputExists, target, "a folder", "a place for a file");
        return Stage(target);
    }

    /// <summary>Announces a folder, which is created empty under its temporary name.</summary>
    /// <param name="target">The folder.</param>
    /// <param name="mark">A file that only results of this command hold: with <c>--force</c> nothing but a folder with this file, or an
    /// empty one, is replaced, since a mistyped path must not cost the user a home folder.</param>
    /// <returns>The temporary path.</returns>
    /// <exception cref="SubpException">The target exists and may not be replaced.</exception>
    public string StageFolder(string target, string mark)
    {
        var isEmpty = Directory.Exists(target) && !Directory.EnumerateFileSystemEntries(target).Any();
        if (!isEmpty)
            RequireFree(target);
        if (Directory.Exists(target) && !isEmpty && !File.Exists(Path.Combine(target, mark)))
            throw new SubpException(
                DiagnosticDescriptors.OutputNotReplaceable,
                target,
                $"a folder without {mark}",
                "a folder that this command wrote earlier",
                "Choose another --output, or remove the folder yourself."
            );
        var temporary = Stage(target);
        Directory.CreateDirectory(temporary);
        return temporary;
    }

    /// <summary>Writes a whole file.</summary>
    public void WriteFile(string target, ReadOnlySpan<byte> bytes) => File.WriteAllBytes(StageFile(target), bytes);

    /// <summary>Writes a whole text file in UTF-8 without a mark.</summary>
    public void WriteFile(string target, string text) => File.WriteAllText(StageFile(target), text);

    /// <summary>Gives every file and folder its name; should one rename fail, those before it are undone.</summary>
    public void Commit()
    {
        var done = new List<(string Target, string? Previous)>();
        try
        {
            foreach (var (temporary, target) in _staged)
            {
                string? previous = null;
                if (Path.Exists(target))
                {
                    previous = TemporaryBeside(target);
                    Move(target, previous);
                }

                done.Add((target, previous));
                Move(temporary, target);
                PendingOutputs.Forget(temporary);
            }
        }
        catch
        {
            for (var index = done.Count - 1; index >= 0; index--)
                Undo(done[index].Target, done[index].Previous);
            throw;
        }

        _staged.Clear();
        _createdFolders.Clear();
        foreach (var (_, previous) in done)
        {
            if (previous is not null)
                PendingOutputs.Delete(previous);
        }
    }

    /// <summary>Removes what was not committed.</summary>
    public void Dispose()
    {
        foreach (var (temporary, _) in _staged)
            PendingOutputs.Delete(temporary);
        for (var index = _createdFolders.Count - 1; index >= 0; index--)
        {
            if (Directory.Exists(_createdFolders[index]) && !Directory.EnumerateFileSystemEntries(_createdFolders[index]).Any())
                Directory.Delete(_createdFolders[index]);
        }

        _staged.Clear();
        _createdFolders.Clear();
    }

    private string Stage(string target)
    {
        RequirePlace(target);
        target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(target));
        var temporary = TemporaryBeside(target);
        PendingOutputs.Add(temporary);
        _staged.Add((temporary, target));
        return temporary;
    }

    /// <summary>Requires that a file or folder may be written, before the work that makes it.</summary>
    /// <exception cref="SubpException">It exists and may not be overwritten. SUBP0804: nothing can be written there.</exception>
    public void RequireFree(string target)
    {
        if (!force && Path.Exists(target))
            throw new SubpException(
                DiagnosticDescriptors.OutputExists,
                target,
                Directory.Exists(target) ? "a folder" : "a file",
                "no such file or folder",
                "Pass --force to replace it, or choose another --output."
            );
        RequirePlace(target);
    }

    // Found out with a file under a temporary name, and told with the name that the user gave.
    private void RequirePlace(string target)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(target));
        // A root lies nowhere.
        var folder = Path.GetDirectoryName(full) ?? full;
        try
        {
            CreateParents(folder);
            File.Create(TemporaryBeside(Path.Combine(folder, Path.GetFileName(full))), 1, FileOptions.DeleteOnClose).Dispose();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SubpException(
                new Diagnostic(
                    DiagnosticDescriptors.FileAccess,
                    target,
                    FileAbove(folder) is { } file ? $"the file '{file}' above the output" : "a folder in which nothing can be written",
                    "a place for the output",
                    "Choose another path, or check the permissions and the free space."
                ),
                exception
            );
        }
    }

    private static string? FileAbove(string folder)
    {
        for (string? parent = folder; parent is not null; parent = Path.GetDirectoryName(parent))
        {
            if (File.Exists(parent))
                return Path.GetFileName(parent);
        }

        return null;
    }

    private void CreateParents(string folder)
    {
        var missing = new Stack<string>();
        for (string? parent = folder; parent is not null && !Directory.Exists(parent); parent = Path.GetDirectoryName(parent))
            missing.Push(parent);
        foreach (var parent in missing)
        {
            Directory.CreateDirectory(parent);
            _createdFolders.Add(parent);
        }
    }

    private static string TemporaryBeside(string target) =>
        Path.Combine(Path.GetDirectoryName(target)!, $".{Path.GetFileName(target)}.{Path.GetRandomFileName()}.tmp");

    private static void Undo(string target, string? previous)
    {
        PendingOutputs.Delete(target);
        if (previous is not null)
            Move(previous, target);
    }

    private static void Move(string from, string to)
    {
        if (Directory.Exists(from))
            Directory.Move(from, to);
        else
            File.Move(from, to);
    }
}
