using Subp.Core.Diagnostics;

namespace Subp.Onnx.Import;

/// <summary>
/// Refuses files that consist of almost empty messages before they are parsed. Two bytes are an empty tensor in the file but some 400 bytes
/// in memory; a file of nothing else would take two hundred times its size. The memory of the messages is estimated from the wire format
/// and bounded by a multiple of the size of the file that no real model comes near. What is malformed is left to the parser.
/// </summary>
internal static class MessageFlood
{
    private const int LargestMultiple = 32;
    private const int AlwaysAllowed = 1 << 20;

    // Graphs nest in attributes; the parser refuses what nests deeper than this.
    private const int DeepestNesting = 100;

    /// <summary>The messages of the standard that nest, and what one object of each takes at least, in bytes.</summary>
    private enum Message
    {
        None = 0,
        Small = 48,
        Type = 49,
        TensorType = 50,
        Shape = 80,
        ValueInfo = 81,
        Graph = 300,
        Node = 250,
        Attribute = 251,
        Tensor = 400,
        Model = 200,
        Function = 301,
    }

    /// <summary>Estimates the memory that the messages of a file need.</summary>
    /// <exception cref="SubpException">It is out of proportion to the size of the file.</exception>
    public static void Check(ReadOnlySpan<byte> bytes)
    {
        var allowed = AlwaysAllowed + ((long)bytes.Length * LargestMultiple);
        var needed = Estimate(bytes, Message.Model, 0);
        if (needed > allowed)
            throw new SubpException(
                DiagnosticDescriptors.OnnxFormat,
                "",
                FormattableString.Invariant($"messages that need {needed} bytes of memory in {bytes.Length} bytes"),
                FormattableString.Invariant($"at most {allowed}"),
                "The file is not one that an exporter wrote."
            );
    }

    private static long Estimate(ReadOnlySpan<byte> message, Message kind, int depth)
    {
        var sum = (long)kind;
        while (TryReadVarint(ref message, out var tag))
        {
            var length = 0UL;
            switch (tag & 7)
            {
                case 0 when TryReadVarint(ref message, out _):
                    break;
                case 1:
                    length = sizeof(ulong);
                    break;
                case 5:
                    length = sizeof(uint);
                    break;
                case 2 when TryReadVarint(ref message, out length) && length <= (ulong)message.Length:
                    var child = Child(kind, tag >> 3);
                    if (child != Message.None && depth < DeepestNesting)
                        sum += Estimate(message[..(int)length], child, depth + 1);
                    break;
                default:
                    return sum;
            }

            if (length > (ulong)message.Length)
                return sum;
            message = message[(int)length..];
        }

        return sum;
    }

    private static Message Child(Message parent, ulong field) =>
        (parent, field) switch
        {
            (Message.Model, 7) => Message.Graph,
            (Message.Model, 8 or 14) => Message.Small,
            (Message.Model, 25) => Message.Function,
            (Message.Function, 7) => Message.Node,
            (Message.Function, 9) => Message.Small,
            (Message.Function, 11) => Message.Attribute,
            (Message.Graph, 1) => Message.Node,
            (Message.Graph, 5) => Message.Tensor,
            (Message.Graph, 11 or 12 or 13) => Message.ValueInfo,
            (Message.Graph, 15) => Message.Small,
            (Message.Node, 5) => Message.Attribute,
            (Message.Attribute, 5) => Message.Tensor,
            (Message.Attribute, 6) => Message.Graph,
            (Message.Tensor, 13) => Message.Small,
            (Message.ValueInfo, 2) => Message.Type,
            (Message.Type, 1) => Message.TensorType,
            (Message.TensorType, 2) => Message.Shape,
            (Message.Shape, 1) => Message.Small,
            _ => Message.None,
        };

    private static bool TryReadVarint(ref ReadOnlySpan<byte> bytes, out ulong value)
    {
        value = 0;
        for (var index = 0; index < Math.Min(bytes.Length, 10); index++)
        {
            value |= (ulong)(bytes[index] & 0x7f) << (7 * index);
            if (bytes[index] < 0x80)
            {
                bytes = bytes[(index + 1)..];
                return true;
            }
        }

        return false;
    }
}
