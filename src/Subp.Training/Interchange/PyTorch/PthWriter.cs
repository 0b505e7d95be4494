using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using Subp.Core.Diagnostics;
using Subp.Core.Weights;
using Subp.Training.Interchange.Pickle;
using Subp.Training.Interchange.StateDict;

namespace Subp.Training.Interchange.PyTorch;

/// <summary>
/// Writes a state dictionary as <c>torch.save</c> does since PyTorch 1.6: an ordered dictionary of contiguous single-precision tensors,
/// each with a storage of its own. <c>torch.load(..., weights_only=True)</c> reads it. The same tensors give the same bytes.
/// </summary>
internal static class PthWriter
{
    private const string Folder = "archive";
    private const string FormatVersion = "3\n";

    // The first day that a zip archive can name.
    private static readonly DateTimeOffset s_date = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The bytes of the file.</summary>
    /// <exception cref="SubpException">SUBP0208: the file would be larger than 2 GiB.</exception>
    public static byte[] Write(WeightSet tensors)
    {
        long length = tensors.Names.Sum(name => (long)tensors[name].Values.Length * sizeof(float));
        if (length > Array.MaxLength / 2)
            throw new SubpException(DiagnosticDescriptors.TooLarge, "", $"weights of {length} bytes", $"at most {Array.MaxLength / 2}");

        var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            Record(archive, "data.pkl", Pickle(tensors));
            Record(archive, "byteorder", "little"u8);
            for (int i = 0; i < tensors.Names.Count; i++)
                Record(archive, FormattableString.Invariant($"data/{i}"), LittleEndian(tensors[tensors.Names[i]].Values));

            Record(archive, "version", Encoding.ASCII.GetBytes(FormatVersion));
        }

        return stream.ToArray();
    }

    private static void Record(ZipArchive archive, string name, ReadOnlySpan<byte> bytes)
    {
        var entry = archive.CreateEntry($"{Folder}/{name}", CompressionLevel.NoCompression);
        entry.LastWriteTime = s_date;
        using var stream = entry.Open();
        stream.Write(bytes);
    }

    private static ReadOnlySpan<byte> LittleEndian(float[] values)
    {
        if (BitConverter.IsLittleEndian)
            return MemoryMarshal.AsBytes(values.AsSpan());

        var bytes = new byte[values.Length * sizeof(float)];
        for (int i = 0; i < values.Length; i++)
            System.Buffers.Binary.BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), values[i]);

        return bytes;
    }

    private static byte[] Pickle(WeightSet tensors)
    {
        var writer = new PickleWriter();
        Ordered(writer).Instruction(PickleOpcode.Mark);
        for (int i = 0; i < tensors.Names.Count; i++)
        {
            string name = tensors.Names[i];
            Tensor(writer.Text(name), i.ToString(CultureInfo.InvariantCulture), tensors[name].Shape.Dimensions);
        }

        return writer.Instruction(PickleOpcode.SetItems).Finish();
    }

    private static PickleWriter Ordered(PickleWriter writer) =>
        writer.Global("collections", "OrderedDict").Instruction(PickleOpcode.EmptyTuple).Instruction(PickleOpcode.Reduce);

    private static void Tensor(PickleWriter writer, string key, IReadOnlyList<int> shape)
    {
        writer.Global("torch._utils", "_rebuild_tensor_v2").Instruction(PickleOpcode.Mark).Instruction(PickleOpcode.Mark);
        writer.Text("storage").Global("torch", ElementType.Float32.Storage).Text(key).Text("cpu");
        writer.Integer(shape.Aggregate(1, (product, dimension) => product * dimension));
        writer.Instruction(PickleOpcode.Tuple).Instruction(PickleOpcode.BinPersistentId).Integer(0).Integers(shape);
        writer.Integers(StateTensor.Contiguous([.. shape.Select(dimension => (long)dimension)]).Select(stride => (int)stride));
        Ordered(writer.Instruction(PickleOpcode.NewFalse)).Instruction(PickleOpcode.Tuple).Instruction(PickleOpcode.Reduce);
    }
}
