using Subp.Core.Diagnostics;

namespace Subp.Training.Images.Folders;

/// <summary>The images that could not be read, each once, with the reason. Thread-safe.</summary>
/// <param name="isStrict">Whether the first one ends the run.</param>
public sealed class SkippedImages(bool isStrict)
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, string> _reasons = new(StringComparer.Ordinal);

    /// <summary>How many.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _reasons.Count;
        }
    }

    /// <summary>The files and what is wrong with them, in ordinal order of the paths.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> List()
    {
        lock (_lock)
            return [.. _reasons];
    }

    /// <summary>Notes an image.</summary>
    /// <exception cref="SubpException">SUBP0572: the run is strict.</exception>
    internal void Add(string path, string reason)
    {
        if (isStrict)
            throw new SubpException(
                DiagnosticDescriptors.ImageUnreadable,
                path,
                reason,
                "a JPEG or PNG image",
                "Mend or remove the file; subp train skips such images without --strict."
            );

        lock (_lock)
            _reasons.TryAdd(path, reason);
    }
}
