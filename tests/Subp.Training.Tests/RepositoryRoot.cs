namespace Subp.Training.Tests;

/// <summary>Finds the repository from wherever the tests run.</summary>
internal static class RepositoryRoot
{
    public static string Path { get; } = Find();

    private static string Find()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder, "SubpCompiler.sln")))
            folder = System.IO.Path.GetDirectoryName(folder);

        return folder ?? throw new InvalidOperationException("The tests run outside the repository.");
    }
}
