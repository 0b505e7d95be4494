namespace Subp.Fuzzing.Mutations;

/// <summary>One field of a protobuf message, read without the generated classes, so that any of its parts can be made wrong.</summary>
internal sealed class ProtobufField
{
    /// <summary>The number of the field.</summary>
    public int Number { get; set; }

    /// <summary>The wire type: 0 varint, 1 eight bytes, 2 length and bytes, 5 four bytes.</summary>
    public int WireType { get; set; }

    /// <summary>Wire type 0: the value.</summary>
    public ulong Value { get; set; }

    /// <summary>Wire types 1, 2 and 5: the bytes; not used where there are <see cref="Children"/>.</summary>
    public ReadOnlyMemory<byte> Bytes { get; set; }

    /// <summary>The fields of a message, or null.</summary>
    public List<ProtobufField>? Children { get; set; }

    /// <summary>Added to the length that is written: a length field that lies.</summary>
    public int LengthError { get; set; }

    /// <summary>A copy of the field and all below it.</summary>
    public ProtobufField Copy() =>
        new()
        {
            Number = Number,
            WireType = WireType,
            Value = Value,
            Bytes = Bytes,
            Children = Children?.ConvertAll(child => child.Copy()),
            LengthError = LengthError,
        };
}
