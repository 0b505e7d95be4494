namespace Subp.Fuzzing.Mutations;

/// <summary>
/// Changes of ONNX files that keep the frame of the messages around them: numbers, lengths, field numbers, fields and whole messages that
/// are replaced, swapped, repeated, nested or left out. They reach much deeper than changes of bytes, of which most break the frame.
/// </summary>
public static class ProtobufMutations
{
    private static readonly ulong[] Numbers =
    [
        0,
        1,
        2,
        3,
        4,
        5,
        7,
        8,
        10,
        11,
        16,
        17,
        21,
        127,
        128,
        255,
        65535,
        65536,
        46341,
        int.MaxValue,
        1UL << 31,
        uint.MaxValue,
        1UL << 32,
        1UL << 40,
        long.MaxValue,
        1UL << 63,
        ulong.MaxValue,
        ulong.MaxValue - 1,
        unchecked((ulong)int.MinValue),
    ];

    /// <summary>One change, or sometimes two or three: a second one often hides behind the first.</summary>
    /// <param name="sample">A valid ONNX file; not changed.</param>
    /// <param name="random">The only source of chance.</param>
    public static byte[] Apply(byte[] sample, Random random)
    {
        var root = new ProtobufField { Children = ProtobufTree.Parse(sample) };
        for (var change = Math.Max(1, random.Next(-3, 4)); change > 0; change--)
        {
            // Collected anew each time: a change may have removed what was there.
            var lists = new List<List<ProtobufField>>();
            Collect(root.Children, lists);
            Once(lists, random);
        }

        return ProtobufTree.Write(root.Children);
    }

    private static void Collect(List<ProtobufField> fields, List<List<ProtobufField>> lists)
    {
        if (fields.Count > 0)
            lists.Add(fields);
        foreach (var field in fields)
        {
            if (field.Children is { } children)
                Collect(children, lists);
        }
    }

    private static void Once(List<List<ProtobufField>> lists, Random random)
    {
        if (lists.Count == 0)
            return;
        var list = lists[random.Next(lists.Count)];
        var index = random.Next(list.Count);
        var field = list[index];
        var foreign = lists[random.Next(lists.Count)];
        switch (random.Next(16))
        {
            case < 8:
                ChangeContent(field, foreign, random);
                break;
            case 8:
                list.RemoveAt(index);
                break;
            case 9:
                list.Insert(random.Next(list.Count + 1), field.Copy());
                break;
            case 10:
                var other = random.Next(list.Count);
                (list[index], list[other]) = (list[other], list[index]);
                break;
            case 11:
                // A field of another message, under its own number.
                list.Insert(index, foreign[random.Next(foreign.Count)].Copy());
                break;
            case 12:
                field.Number = random.Next(4) == 0 ? random.Next(1, 1 << 29) : random.Next(1, 26);
                break;
            case 13:
                field.WireType = random.Next(8);
                break;
            case 14:
                field.LengthError = random.Next(3) switch
                {
                    0 => random.Next(-8, 8),
                    1 => int.MaxValue / 2,
                    _ => random.Next(1 << 20),
                };
                break;
            default:
                Nest(field, random.Next(1, 300));
                break;
        }
    }

    private static void ChangeContent(ProtobufField field, List<ProtobufField> foreign, Random random)
    {
        if (field.WireType == 0)
        {
            field.Value = random.Next(4) == 0 ? (ulong)random.NextInt64() : Numbers[random.Next(Numbers.Length)];
        }
        else if (
            field.Children is null
            && foreign.FirstOrDefault(other => other.Children is null && other.WireType == field.WireType) is { } source
            && random.Next(3) == 0
        )
        {
            field.Bytes = source.Bytes;
        }
        else if (field.Children is null)
        {
            field.Bytes =
                random.Next(3) == 0
                    ? ProtobufTree.Varint(Numbers[random.Next(Numbers.Length)])
                    : ByteMutations.Apply(field.Bytes.Span[..Math.Min(field.Bytes.Length, 1 << 16)], [], random);
        }
    }

    // The field inside itself, many times over: readers that recurse must stop before the stack does.
    private static void Nest(ProtobufField field, int depth)
    {
        if (field.WireType != 2)
            return;
        for (; depth > 0; depth--)
        {
            var inner = new ProtobufField
            {
                Number = field.Number,
                WireType = 2,
                Bytes = field.Bytes,
                Children = field.Children,
            };
            (field.Children, field.Bytes) = ([inner], default);
        }
    }
}
