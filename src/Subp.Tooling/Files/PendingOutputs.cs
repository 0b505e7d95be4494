namespace Subp.Tooling.Files;

/// <summary>
/// The temporary files and folders of this process that have not become results yet, so that an exit from anywhere can remove them.
/// </summary>
internal static class PendingOutputs
{
    private static readonly HashSet<string> Paths = new(StringComparer.Ordinal);

    /// <summary>Remembers a temporary file or folder.</summary>
    public static void Add(string path)
    {
        lock (Paths)
            Paths.Add(path);
    }

    /// <summary>Deletes one temporary file or folder, if it is still there, and forgets it.</summary>
    public static void Delete(string path)
    {
        lock (Paths)
            Paths.Remove(path);
        DeleteFromDisk(path);
    }

    /// <summary>Forgets a temporary file or folder that has become a result.</summary>
    public static void Forget(string path)
    {
        lock (Paths)
            Paths.Remove(path);
    }

    /// <summary>Deletes everything that is pending.</summary>
    public static void DeleteAll()
    {
        string[] pending;
        lock (Paths)
        {
            pending = [.. Paths];
            Paths.Clear();
        }

        foreach (var path in pending)
            DeleteFromDisk(path);
    }

    // A file that another process holds open cannot always be removed; there is nobody left to tell, and the result is not touched.
    private static void DeleteFromDisk(string path)
    {
        try
        {
            if (Directory.Exists(path))
                Directory.Delete(path, recursive: true);
            else
                File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException) { }
    }
}
