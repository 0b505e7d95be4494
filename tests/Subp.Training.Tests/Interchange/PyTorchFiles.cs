using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using Subp.Core.Diagnostics;
using Subp.Training.Interchange.Pickle;
using Subp.Training.Interchange.StateDict;

namespace Subp.Training.Tests.Interchange;

/// <summary>Files that PyTorch wrote (eng/make-pytorch-fixtures.py), and files that no PyTorch would write.</summary>
internal static class PyTorchFiles
{
    public static string Path(string name) => System.IO.Path.Combine(AppContext.BaseDirectory, "Data", "pytorch", name);

    public static StateDictionary Read(string name) => StateDictionaryFile.Read(File.ReadAllBytes(Path(name)), name);

    /// <summary>The input and the output that PyTorch computed.</summary>
    public static (float[] Input, float[] Output) Expected(string name, int inputs)
    {
        float[] values = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(Path(name))).ToArray();
        return (values[..inputs], values[inputs..]);
    }

    /// <summary>A zip archive around a pickle and storages, with checksums that fit.</summary>
    public static byte[] Zip(byte[] pickle, params (string Name, byte[] Bytes)[] records)
    {
        var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, bytes) in records.Prepend(("archive/data.pkl", pickle)))
            {
                using var content = archive.CreateEntry(name, CompressionLevel.NoCompression).Open();
                content.Write(bytes);
            }
        }

        return stream.ToArray();
    }

    /// <summary>A pickle of protocol 2 from text in which \xNN are bytes.</summary>
    public static byte[] Pickle(params object[] parts) =>
        [
            0x80,
            2,
            .. parts.SelectMany(part =>
                part switch
                {
                    string text => Encoding.Latin1.GetBytes(text),
                    PickleOpcode opcode => [(byte)opcode],
                    int value => [(byte)PickleOpcode.BinInt, .. BitConverter.GetBytes(value)],
                    _ => (byte[])part,
                }
            ),
        ];

    /// <summary>The diagnostic that a file is answered with.</summary>
    public static Diagnostic Refusal(byte[] bytes) =>
        Assert
            .Throws<SubpException>(() => StateDictionaryFile.Read(bytes, "net.pth").Tensors.Select(tensor => tensor.ToFloats()).ToList())
            .Diagnostic;
}
