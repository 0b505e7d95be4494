namespace Subp.Fuzzing.Mutations;

/// <summary>Takes ONNX files apart into fields and puts them together again, whatever the fields hold.</summary>
internal static class ProtobufTree
{
    // Which fields of which ONNX messages are messages themselves; everything else stays bytes.
    private static readonly Dictionary<(string Message, int Field), string> Messages = new()
    {
        [("Model", 7)] = "Graph",
        [("Model", 8)] = "Opset",
        [("Model", 14)] = "Entry",
        [("Graph", 1)] = "Node",
        [("Graph", 5)] = "Tensor",
        [("Graph", 11)] = "Value",
        [("Graph", 12)] = "Value",
        [("Graph", 13)] = "Value",
        [("Node", 5)] = "Attribute",
        [("Attribute", 5)] = "Tensor",
        [("Tensor", 13)] = "Entry",
        [("Value", 2)] = "Type",
        [("Type", 1)] = "TensorType",
        [("TensorType", 2)] = "Shape",
        [("Shape", 1)] = "Dimension",
    };

    /// <summary>The fields of a model; bytes are not copied.</summary>
    public static List<ProtobufField> Parse(ReadOnlyMemory<byte> bytes, string message = "Model")
    {
        var fields = new List<ProtobufField>();
        var position = 0;
        while (position < bytes.Length)
        {
            var key = ReadVarint(bytes.Span, ref position);
            var field = new ProtobufField { Number = (int)(key >> 3), WireType = (int)(key & 7) };
            if (field.WireType == 0)
            {
                field.Value = ReadVarint(bytes.Span, ref position);
            }
            else
            {
                var length = field.WireType switch
                {
                    1 => 8,
                    5 => 4,
                    _ => (int)ReadVarint(bytes.Span, ref position),
                };
                field.Bytes = bytes.Slice(position, length);
                position += length;
                if (field.WireType == 2 && Messages.TryGetValue((message, field.Number), out var type))
                    field.Children = Parse(field.Bytes, type);
            }

            fields.Add(field);
        }

        return fields;
    }

    /// <summary>The bytes of fields.</summary>
    public static byte[] Write(IEnumerable<ProtobufField> fields)
    {
        using var output = new MemoryStream();
        foreach (var field in fields)
        {
            WriteVarint(output, ((ulong)(uint)field.Number << 3) | (uint)field.WireType);
            if (field.WireType == 0)
            {
                WriteVarint(output, field.Value);
                continue;
            }

            var bytes = field.Children is { } children ? Write(children) : field.Bytes;
            if (field.WireType == 2)
                WriteVarint(output, (ulong)(bytes.Length + field.LengthError));
            output.Write(bytes.Span);
        }

        return output.ToArray();
    }

    /// <summary>The bytes of one number.</summary>
    public static byte[] Varint(ulong value)
    {
        using var output = new MemoryStream();
        WriteVarint(output, value);
        return output.ToArray();
    }

    private static ulong ReadVarint(ReadOnlySpan<byte> bytes, ref int position)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var part = bytes[position++];
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80)
                return value;
        }
    }

    private static void WriteVarint(Stream output, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            output.WriteByte((byte)(value | 0x80));
        output.WriteByte((byte)value);
    }
}
