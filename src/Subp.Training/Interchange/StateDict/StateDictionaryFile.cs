using Subp.Core.Diagnostics;
using Subp.Core.Weights;
using Subp.Training.Interchange.PyTorch;

namespace Subp.Training.Interchange.StateDict;

/// <summary>A kind of file that holds a state dictionary.</summary>
public enum StateDictionaryFormat
{
    /// <summary>What torch.save writes: .pth, .pt, .pth.tar.</summary>
    Pth,

    /// <summary>A .safetensors file with the names of the state dictionary.</summary>
    Safetensors,
}

/// <summary>Reads and writes the files of state dictionaries.</summary>
public static class StateDictionaryFile
{
    private const string ProducerKey = "format";

    /// <summary>Reads a file of any of the formats, which its first bytes tell apart.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="SubpException">The file is broken, is larger than 2 GiB or holds no state dictionary.</exception>
    public static StateDictionary Read(string path)
    {
        // That of an open file: FileInfo gives the length of a symbolic link as that of the path it holds.
        using var file = File.OpenHandle(path);
        long length = RandomAccess.GetLength(file);
        return length <= Array.MaxLength
            ? Read(File.ReadAllBytes(path), path)
            : throw TorchFileFailure.Broken(path, $"{length} bytes", $"at most {Array.MaxLength}");
    }

    /// <summary>Reads the bytes of a file of any of the formats.</summary>
    /// <param name="bytes">The whole file. The tensors read their values from it later, so that it must not be changed.</param>
    /// <param name="file">The name of the file, for messages.</param>
    /// <exception cref="SubpException">The file is broken or holds no state dictionary.</exception>
    public static StateDictionary Read(byte[] bytes, string file)
    {
        if (bytes.AsSpan().StartsWith("PK"u8) || LegacyPthReader.Recognises(bytes))
            return PthReader.Read(bytes, file);

        // The length of a header, then the header, which is a JSON object.
        if (bytes.Length > 8 && bytes[8] == (byte)'{')
            return FromSafetensors(SafetensorsReader.Read(bytes, file), file);

        throw TorchFileFailure.Broken(
            file,
            bytes.Length == 0 ? "an empty file" : "a file that starts as none of its kind",
            "a zip archive or a pickle of PyTorch, or a .safetensors file"
        );
    }

    /// <summary>The bytes of a file with dense single-precision tensors.</summary>
    /// <param name="tensors">The tensors by their names, in the order in which they are written.</param>
    /// <param name="format">The format.</param>
    /// <exception cref="SubpException">SUBP0208: the file would be too large.</exception>
    public static byte[] Write(WeightSet tensors, StateDictionaryFormat format) =>
        format == StateDictionaryFormat.Pth
            ? PthWriter.Write(tensors)
            : SafetensorsWriter.Write([new KeyValuePair<string, string>(ProducerKey, "pt")], tensors);

    private static StateDictionary FromSafetensors(SafetensorsFile contents, string file) =>
        new(
            file,
            [
                .. contents.Tensors.Select(tensor => new StateTensor(
                    tensor.Name,
                    ElementType.All.FirstOrDefault(type => type.Safetensors == tensor.ElementType)
                        ?? throw new SubpException(
                            DiagnosticDescriptors.StateDictionaryMismatch,
                            $"{file}, tensor '{tensor.Name}'",
                            $"elements of type {tensor.ElementType}",
                            $"one of {string.Join(", ", ElementType.All.Select(type => type.Safetensors))}"
                        ),
                    tensor.Shape,
                    StateTensor.Contiguous(tensor.Shape),
                    offset: 0,
                    () => tensor.Bytes
                )),
            ]
        );
}
