namespace Subp.Benchmarks.Peers;

/// <summary>Finds the repository that the program was built in.</summary>
internal static class RepositoryFolder
{
    /// <summary>The folder of the solution, or the current folder where the program runs outside of it.</summary>
    public static string Find()
    {
        var folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "SubpCompiler.sln")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? Environment.CurrentDirectory;
    }
}
