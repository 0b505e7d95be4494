using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;
using System.Text.RegularExpressions;
using Subp.Training.Runs;

namespace Subp.Benchmarks.Peers.Reporting;

/// <summary>The processor that figures were measured on.</summary>
/// <param name="Name">Its brand and the generation of its cores.</param>
/// <param name="Count">How many processors this process may use.</param>
/// <param name="Caches">The caches of the first of them, in words.</param>
internal sealed partial record Processor(string Name, int Count, string Caches)
{
    private const string CacheFolder = "/sys/devices/system/cpu/cpu0/cache";

    /// <summary>The best instruction set that the runtime uses here.</summary>
    public static string InstructionSet =>
        Avx512F.IsSupported ? "AVX-512"
        : Avx2.IsSupported && Fma.IsSupported ? "AVX2"
        : RuntimeInformation.ProcessArchitecture.ToString();

    /// <summary>The processor of this machine.</summary>
    public static Processor Current { get; } =
        new(ProcessorName.Current, Environment.ProcessorCount, CacheSizes()) { CoreCacheBytes = SecondLevelBytes() };

    /// <summary>What the caches of one core hold: the size of the second level, or of one megabyte where it is not known.</summary>
    public long CoreCacheBytes { get; init; } = 1 << 20;

    /// <summary>
    /// The name of its page: the model name in lower case without marks, with hyphens for what is neither letter nor digit nor point.
    /// </summary>
    public string PageName
    {
        get
        {
            var plain = TradeMarks().Replace(Name, " ").ToLowerInvariant();
            var text = new StringBuilder();
            foreach (var letter in plain)
                text.Append(char.IsAsciiLetterOrDigit(letter) || letter == '.' ? letter : '-');
            var name = Hyphens().Replace(text.ToString(), "-").Trim('-', '.');
            return (name.Length > 0 ? name : "unknown") + ".md";
        }
    }

    [GeneratedRegex(@"\((R|TM|C)\)", RegexOptions.IgnoreCase)]
    private static partial Regex TradeMarks();

    [GeneratedRegex("-+")]
    private static partial Regex Hyphens();

    private static string CacheSizes()
    {
        if (!Directory.Exists(CacheFolder))
            return "unknown";
        var caches = Directory
            .EnumerateDirectories(CacheFolder, "index*")
            .Order(StringComparer.Ordinal)
            .Select(folder => (Level: Read(folder, "level"), Type: Read(folder, "type"), Size: Read(folder, "size")))
            .Where(cache => cache.Type != "Instruction");
        return string.Join(", ", caches.Select(cache => $"L{cache.Level}{(cache.Type == "Data" ? "d" : "")} {Size(cache.Size)}"));
    }

    private static long SecondLevelBytes()
    {
        var folder = Directory.Exists(CacheFolder)
            ? Directory.EnumerateDirectories(CacheFolder, "index*").FirstOrDefault(folder => Read(folder, "level") == "2")
            : null;
        return
            folder is not null
            && int.TryParse(Read(folder, "size").TrimEnd('K'), NumberStyles.None, CultureInfo.InvariantCulture, out var kilobytes)
            ? (long)kilobytes << 10
            : 1 << 20;
    }

    private static string Read(string folder, string file) => File.ReadAllText(Path.Combine(folder, file)).Trim();

    private static string Size(string kilobytes) =>
        kilobytes.EndsWith('K') && int.TryParse(kilobytes[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            ? size >= 1024
                ? string.Create(CultureInfo.InvariantCulture, $"{size / 1024.0:0.##} MB")
                : string.Create(CultureInfo.InvariantCulture, $"{size} KB")
            : kilobytes;
}
