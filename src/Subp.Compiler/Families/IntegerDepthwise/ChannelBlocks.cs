namespace Subp.Compiler.Families.IntegerDepthwise;

/// <summary>
/// How the weights of a depthwise layer of bytes are stored: by blocks of channels, of which the last one ends with the channels and may
/// repeat some of the one before. A block has quads of weights for each column of the kernel and each four rows of it: four weights of a
/// channel one below the other, which meet four bytes of one column of the image. Of 32 channels those of quads that AVX2 puts together
/// come first: 0 to 3 and 16 to 19, then 4 to 7 and 20 to 23, and so on. Behind the quads of eight channels lie their first and third
/// weights as 16 bits, and their second and last, for processors that multiply pairs of 16 bits.
/// </summary>
/// <param name="Pitch">Channels with their padding.</param>
/// <param name="Rows">Rows of the kernel.</param>
/// <param name="Columns">Columns of the kernel.</param>
internal readonly record struct ChannelBlocks(int Pitch, int Rows, int Columns)
{
    /// <summary>Channels of a block: bytes of a vector of AVX2.</summary>
    public const int Channels = 32;

    /// <summary>Vectors of eight channels of a block.</summary>
    public const int Parts = Channels / 8;

    /// <summary>Bytes of the weights of eight channels for one column and four rows: quads, and twice two of each as 16 bits.</summary>
    public const int PartBytes = 96;

    /// <summary>Bytes of the weights of a block for one column and four rows.</summary>
    public const int QuadBytes = Parts * PartBytes;

    /// <summary>Sums and factors that are stored: those of a block at least, so that lanes without a channel have zeros.</summary>
    public int SumPitch => Math.Max(Pitch, Channels);

    /// <summary>The blocks.</summary>
    public int Count => (Pitch + Channels - 1) / Channels;

    /// <summary>Quads that the rows of a column take.</summary>
    public int QuadRows => (Rows + 3) / 4;

    /// <summary>Bytes of the weights of a block.</summary>
    public int BlockBytes => Columns * QuadRows * QuadBytes;

    /// <summary>True where the last block begins among the channels of the one before.</summary>
    public bool Overlaps => Pitch > Channels && Pitch % Channels != 0;

    /// <summary>The 32-bit numbers of a layer: sums that outputs begin with, factors of sums, weights.</summary>
    public int Length => checked((2 * SumPitch) + (Count * BlockBytes / sizeof(int)));

    /// <summary>Where the weights for a column and for four rows lie among those of a block, in bytes.</summary>
    public int Place(int column, int quadRow) => ((column * QuadRows) + quadRow) * QuadBytes;

    /// <summary>The expression of the first channel of a block.</summary>
    public string FirstChannel(string block) =>
        Overlaps
            ? InvariantText.Invariant($"System::Math.Min({block} * {Channels}, {Pitch - Channels})")
            : InvariantText.Invariant($"{block} * {Channels}");
}
