using System.Text;

namespace Subp.Training.Runs;

/// <summary>
/// Writes a file under a temporary name beside it and renames it, so that no reader ever sees half of it. Where it cannot be written, on a
/// full disk for example, what was there before stays, and nothing else is left.
/// </summary>
internal static class AtomicFile
{
    /// <summary>Writes bytes.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        string temporary = path + ".tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write))
            {
                stream.Write(content);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (IOException)
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Writes text as UTF-8 without a byte order mark.</summary>
    public static void Write(string path, string content) => Write(path, new UTF8Encoding(false).GetBytes(content));
}
