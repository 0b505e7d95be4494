using Subp.Core.Diagnostics;
using Subp.Training.Interchange.Pickle;
using Subp.Training.Interchange.StateDict;

namespace Subp.Training.Interchange.PyTorch;

/// <summary>
/// Reads the files that <c>torch.save</c> writes: the zip archive of today and the pickles in a row of before PyTorch 1.6. Nothing in the
/// file is carried out; what is not data is refused by name.
/// </summary>
internal static class PthReader
{
    /// <summary>Reads a file.</summary>
    /// <exception cref="SubpException">SUBP0560: it is broken. SUBP0561: it holds more than data. SUBP0562: it holds no state
    /// dictionary.</exception>
    public static StateDictionary Read(byte[] bytes, string file)
    {
        if (LegacyPthReader.Recognises(bytes))
            return StateDictionarySearch.Find(LegacyPthReader.Read(bytes, file), file);

        var records = new ZipArchiveRecords(bytes, file);
        var objects = new TorchObjects((type, key, elements) => Storage(records, type, key, elements));
        try
        {
            var cursor = new PickleCursor(records.Pickle);
            return StateDictionarySearch.Find(PickleReader.Read(cursor, objects), file);
        }
        catch (PickleException failure)
        {
            throw TorchFileFailure.Of($"{file}, data.pkl", failure);
        }
    }

    private static TorchStorage Storage(ZipArchiveRecords records, ElementType type, string key, long elements)
    {
        if (elements > long.MaxValue / type.Bytes)
            throw new PickleException($"a storage of {elements} elements", "one that fits into a file");

        return new TorchStorage(type, elements, records.Storage(key, elements * type.Bytes));
    }
}
