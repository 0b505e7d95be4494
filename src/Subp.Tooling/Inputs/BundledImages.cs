namespace Subp.Tooling.Inputs;

/// <summary>Finds the images that come with the tool.</summary>
internal static class BundledImages
{
    private static readonly string Below = Path.Combine("data", "fashion-mnist");

    /// <summary>
    /// The folder of the images: <paramref name="dataDirectory"/> where the user names one, else the copy beside the tool, else
    /// <c>data/fashion-mnist</c> in this folder or one above it.
    /// </summary>
    public static string Folder(string? dataDirectory)
    {
        if (dataDirectory is not null)
            return dataDirectory;
        var beside = Path.Combine(AppContext.BaseDirectory, Below);
        if (Directory.Exists(beside))
            return beside;
        for (var folder = new DirectoryInfo(Environment.CurrentDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, Below);
            if (Directory.Exists(candidate))
                return candidate;
        }

        return Below;
    }
}
