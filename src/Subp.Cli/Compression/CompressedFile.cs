using Subp.Cli.Models;

namespace Subp.Cli.Compression;

/// <summary>Where a compressed network goes that was given no place.</summary>
internal static class CompressedFile
{
    /// <summary>Beside the source, under its name with a word behind it; in the folder of a run under the word alone.</summary>
    public static string Target(string source, string word)
    {
        if (Directory.Exists(source))
            return Path.Combine(source, word + ".subp");
        var stem = StateDictionaryNetwork.IsOne(source) ? StateDictionaryNetwork.Stem(source) : Path.ChangeExtension(source, null);
        return $"{stem}-{word}.subp";
    }
}
