using System.Buffers.Binary;
using System.Text;

namespace Subp.Training.Interchange.Pickle;

/// <summary>Writes the instructions of a pickle of protocol 2, which every version of PyTorch reads.</summary>
internal sealed class PickleWriter
{
    private readonly MemoryStream _stream = new();

    public PickleWriter()
    {
        Instruction(PickleOpcode.Protocol);
        _stream.WriteByte(2);
    }

    /// <summary>An instruction without fields.</summary>
    public PickleWriter Instruction(PickleOpcode opcode)
    {
        _stream.WriteByte((byte)opcode);
        return this;
    }

    /// <summary>The name of a class or function.</summary>
    public PickleWriter Global(string module, string name)
    {
        Instruction(PickleOpcode.Global);
        _stream.Write(Encoding.UTF8.GetBytes($"{module}\n{name}\n"));
        return this;
    }

    /// <summary>A text.</summary>
    public PickleWriter Text(string value)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(value);
        Instruction(PickleOpcode.BinUnicode);
        Int32(bytes.Length);
        _stream.Write(bytes);
        return this;
    }

    /// <summary>An integer.</summary>
    public PickleWriter Integer(int value)
    {
        Instruction(PickleOpcode.BinInt);
        Int32(value);
        return this;
    }

    /// <summary>A tuple of integers.</summary>
    public PickleWriter Integers(IEnumerable<int> values)
    {
        Instruction(PickleOpcode.Mark);
        foreach (int value in values)
            Integer(value);

        return Instruction(PickleOpcode.Tuple);
    }

    /// <summary>The pickle with its end.</summary>
    public byte[] Finish() => Instruction(PickleOpcode.Stop)._stream.ToArray();

    private void Int32(int value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        _stream.Write(bytes);
    }
}
