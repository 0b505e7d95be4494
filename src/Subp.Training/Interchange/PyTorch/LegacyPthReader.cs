using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using Subp.Training.Interchange.Pickle;
using Subp.Training.Interchange.StateDict;

namespace Subp.Training.Interchange.PyTorch;

/// <summary>
/// Reads .pth files of before PyTorch 1.6: five pickles in a row (a number that marks the kind, the protocol, the machine, the object, the
/// keys of its storages), then for each key the number of elements and the elements.
/// </summary>
internal static class LegacyPthReader
{
    private const int Protocol = 1001;
    private static readonly BigInteger s_magic = BigInteger.Parse(
        "1950a86a20f9469cfc6c",
        NumberStyles.HexNumber,
        CultureInfo.InvariantCulture
    );

    // The mark as every version of Python writes it: protocol 2, a ten-byte integer, the end of the pickle.
    private static readonly byte[] s_start = [0x80, 0x02, 0x8a, 0x0a, .. s_magic.ToByteArray(), (byte)'.'];

    /// <summary>Whether a file starts as these do.</summary>
    public static bool Recognises(ReadOnlySpan<byte> bytes) => bytes.StartsWith(s_start);

    /// <summary>The object that was saved.</summary>
    /// <exception cref="Core.Diagnostics.SubpException">SUBP0560: the file is broken. SUBP0561: it holds more than data.</exception>
    public static PickleValue Read(byte[] bytes, string file)
    {
        var storages = new Dictionary<string, LegacyStorage>(StringComparer.Ordinal);
        var objects = new TorchObjects((type, key, elements) => Storage(storages, type, key, elements));
        var cursor = new PickleCursor(bytes);
        try
        {
            _ = PickleReader.Read(cursor, objects);
            if (PickleReader.Read(cursor, objects) is not PickleInteger { Value: var protocol } || protocol != Protocol)
                throw new PickleException("another protocol of files", FormattableString.Invariant($"{Protocol}"));

            RequireLittleEndian(PickleReader.Read(cursor, objects));
            var result = PickleReader.Read(cursor, objects);
            FindStorages(bytes, cursor, PickleReader.Read(cursor, objects), storages);
            return result;
        }
        catch (PickleException failure)
        {
            throw TorchFileFailure.Of(file, failure);
        }
    }

    private static void RequireLittleEndian(PickleValue machine)
    {
        var order = (machine as PickleDictionary)
            ?.Entries.Where(entry => entry.Key is PickleText { Value: "little_endian" })
            .Select(entry => entry.Value)
            .FirstOrDefault();
        if (order is not PickleBoolean { Value: true })
            throw new PickleException("a file of a machine whose numbers start with the largest byte", "little_endian: True");
    }

    private static TorchStorage Storage(Dictionary<string, LegacyStorage> storages, ElementType type, string key, long elements)
    {
        if (!storages.TryGetValue(key, out var storage))
            storages[key] = storage = new LegacyStorage(new BigInteger(elements) * type.Bytes, type.Bytes);

        if (storage.Length != new BigInteger(elements) * type.Bytes)
            throw new PickleException($"two lengths of the storage '{key}'", "one");

        return new TorchStorage(type, elements, () => storage.Bytes);
    }

    private static void FindStorages(byte[] bytes, PickleCursor cursor, PickleValue keys, Dictionary<string, LegacyStorage> storages)
    {
        if (keys is not PickleList list)
            throw new PickleException(keys.Kind, "the list of the keys of storages");

        foreach (var key in list.Items)
        {
            if (key is not PickleText { Value: var name } || !storages.TryGetValue(name, out var storage) || storage.IsFound)
                throw new PickleException($"{key.Kind} in the list of keys", "the key of a storage, once", position: cursor.Position);

            long elements = BinaryPrimitives.ReadInt64LittleEndian(cursor.Take(sizeof(long)));
            if (new BigInteger(elements) * storage.ElementBytes != storage.Length || storage.Length > bytes.Length - cursor.Position)
                throw new PickleException(
                    $"{elements} elements of the storage '{name}' with {bytes.Length - cursor.Position} bytes left",
                    $"{storage.Length} bytes",
                    position: cursor.Position
                );

            storage.Bytes = bytes.AsMemory(cursor.Position, (int)storage.Length);
            storage.IsFound = true;
            cursor.Take((uint)storage.Length);
        }

        string? missing = storages.FirstOrDefault(entry => !entry.Value.IsFound).Key;
        if (missing is not null)
            throw new PickleException($"no elements of the storage '{missing}'", "the elements of all", position: cursor.Position);
    }

    private sealed class LegacyStorage(BigInteger length, int elementBytes)
    {
        public BigInteger Length => length;

        public int ElementBytes => elementBytes;

        public bool IsFound { get; set; }

        public ReadOnlyMemory<byte> Bytes { get; set; }
    }
}
