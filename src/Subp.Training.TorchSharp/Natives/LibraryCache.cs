using System.Security.Cryptography;

namespace Subp.Training.TorchSharp.Natives;

/// <summary>A folder of the user with adapted copies of libraries, named by the content of the original.</summary>
internal sealed class LibraryCache(string folder)
{
    /// <summary>The folder for caches that the system gives to a user: <c>XDG_CACHE_HOME</c> or <c>~/.cache</c> on Linux.</summary>
    public static LibraryCache Default
    {
        get
        {
            string? cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
            if (string.IsNullOrEmpty(cache))
                cache = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");

            return new LibraryCache(Path.Combine(cache, "subp", "natives"));
        }
    }

    /// <summary>The adapted copy of a library, made if it is not there; null where the library needs no change.</summary>
    /// <exception cref="InvalidDataException">The library cannot be adapted.</exception>
    /// <exception cref="IOException">The copy cannot be written.</exception>
    public string? Adapted(string library)
    {
        byte[] bytes = File.ReadAllBytes(library);
        string hash = Convert.ToHexStringLower(SHA256.HashData(bytes))[..16];
        string place = Path.Combine(folder, hash, Path.GetFileName(library));
        if (!OlderRuntimeLibrary.Adapt(bytes))
            return null;

        // A copy that somebody else damaged or changed is not loaded into this process.
        if (File.Exists(place) && File.ReadAllBytes(place).AsSpan().SequenceEqual(bytes))
            return place;

        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        // Two processes may come here at once: each writes a file of its own, and the last rename wins with the same bytes.
        string temporary = $"{place}.{Environment.ProcessId}.tmp";
        File.WriteAllBytes(temporary, bytes);
        File.Move(temporary, place, overwrite: true);
        return place;
    }
}
