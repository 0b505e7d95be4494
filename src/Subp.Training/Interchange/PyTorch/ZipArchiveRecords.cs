using System.IO.Compression;

namespace Subp.Training.Interchange.PyTorch;

/// <summary>
/// The records of a .pth file since PyTorch 1.6: a zip archive with one folder, in it <c>data.pkl</c>, <c>byteorder</c>, <c>version</c> and
/// <c>data/&lt;key&gt;</c> for every storage, all stored without compression.
/// </summary>
internal sealed class ZipArchiveRecords
{
    private const string PickleRecord = "data.pkl";
    private const int LongestByteOrder = 16;

    private readonly string _file;
    private readonly string _folder;
    private readonly long _length;
    private readonly Dictionary<string, ZipArchiveEntry> _entries;

    /// <summary>Opens an archive.</summary>
    /// <exception cref="Core.Diagnostics.SubpException">SUBP0560: the archive is broken or not one of PyTorch.</exception>
    public ZipArchiveRecords(byte[] bytes, string file)
    {
        _file = file;
        _length = bytes.Length;
        _entries = new Dictionary<string, ZipArchiveEntry>(StringComparer.Ordinal);
        try
        {
            foreach (var entry in new ZipArchive(new MemoryStream(bytes, writable: false), ZipArchiveMode.Read).Entries)
            {
                if (!_entries.TryAdd(entry.FullName, entry))
                    throw TorchFileFailure.Broken(file, $"two records '{entry.FullName}'", "one");
            }
        }
        catch (Exception exception) when (ZipFailures.IsOne(exception))
        {
            throw TorchFileFailure.Broken(file, "a zip archive that does not hold together", "a file as torch.save writes it");
        }

        string[] pickles =
        [
            .. _entries.Keys.Where(name => name.EndsWith("/" + PickleRecord, StringComparison.Ordinal) && name.Count(c => c == '/') == 1),
        ];
        if (pickles.Length != 1)
            throw TorchFileFailure.Broken(
                file,
                FormattableString.Invariant($"a zip archive with {pickles.Length} records {PickleRecord}"),
                "one, as torch.save writes it"
            );

        _folder = pickles[0][..^PickleRecord.Length];
        if (_entries.Keys.Any(name => name.StartsWith($"{_folder}code/", StringComparison.Ordinal)))
            throw TorchFileFailure.Broken(file, "a TorchScript program", "a state dictionary: torch.save(model.state_dict(), ...)");

        if (_entries.ContainsKey($"{_folder}byteorder") && !Read("byteorder", LongestByteOrder).Span.SequenceEqual("little"u8))
            throw TorchFileFailure.Broken($"{file}, byteorder", "numbers whose largest byte comes first", "little");
    }

    /// <summary>The pickle.</summary>
    public ReadOnlyMemory<byte> Pickle => Read(PickleRecord, long.MaxValue);

    /// <summary>The bytes of a record; its length is checked at once, its checksum when it is read.</summary>
    /// <exception cref="Core.Diagnostics.SubpException">SUBP0560: the record is missing or has another length.</exception>
    public Func<ReadOnlyMemory<byte>> Storage(string key, long length)
    {
        string name = $"data/{key}";
        var entry = Find(name);
        if (entry.Length != length)
            throw TorchFileFailure.Broken(
                $"{_file}, {name}",
                FormattableString.Invariant($"{entry.Length} bytes"),
                FormattableString.Invariant($"{length}, as the storage that names it has")
            );

        return () => Read(name, length);
    }

    private ZipArchiveEntry Find(string name)
    {
        if (!_entries.TryGetValue(_folder + name, out var entry))
            throw TorchFileFailure.Broken(_file, $"no record '{name}'", "a record for every storage");

        // So that no record can be longer than the file it comes from.
        return entry.Length == entry.CompressedLength && entry.Length <= _length
            ? entry
            : throw TorchFileFailure.Broken(
                $"{_file}, {name}",
                "a compressed record, or one longer than the file",
                "records stored as they are"
            );
    }

    private ReadOnlyMemory<byte> Read(string name, long longest)
    {
        var entry = Find(name);
        if (entry.Length > longest)
            throw TorchFileFailure.Broken($"{_file}, {name}", $"{entry.Length} bytes", $"at most {longest}");

        var bytes = new byte[entry.Length];
        try
        {
            using var stream = entry.Open();
            stream.ReadExactly(bytes);
        }
        catch (Exception exception) when (ZipFailures.IsOne(exception))
        {
            throw TorchFileFailure.Broken($"{_file}, {name}", "a record that cannot be read", "a record as torch.save writes it");
        }

        uint checksum = Crc32.Of(bytes);
        return checksum == entry.Crc32
            ? bytes
            : throw TorchFileFailure.Broken($"{_file}, {name}", $"the checksum {checksum:x8}", $"{entry.Crc32:x8}");
    }
}
