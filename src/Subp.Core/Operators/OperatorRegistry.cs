namespace Subp.Core.Operators;

/// <summary>The operators this product knows, by their name in .subp text.</summary>
public static class OperatorRegistry
{
    private static readonly SortedDictionary<string, Func<IAttributeReader, Operator>> Readers = new(StringComparer.Ordinal)
    {
        ["add"] = Add.Read,
        ["avg_pool"] = Pool2d.ReadAverage,
        ["batch_norm"] = BatchNorm.Read,
        ["change_layout"] = ChangeLayout.Read,
        ["channel_shuffle"] = ChannelShuffle.Read,
        ["clip"] = Activate.ReadClip,
        ["concat"] = Concat.Read,
        ["conv2d"] = Conv2d.Read,
        ["flatten"] = Flatten.Read,
        ["global_avg_pool"] = GlobalAveragePool.Read,
        ["hard_sigmoid"] = Activate.ReadHardSigmoid,
        ["hard_swish"] = _ => Activate.HardSwish,
        ["linear"] = Linear.Read,
        ["max_pool"] = Pool2d.ReadMaximum,
        ["mul"] = Mul.Read,
        ["pad"] = Pad.Read,
        ["relu"] = _ => Activate.Relu,
        ["reshape"] = Reshape.Read,
        ["sigmoid"] = _ => Activate.Sigmoid,
        ["silu"] = _ => Activate.Silu,
        ["slice"] = Slice.Read,
        ["softmax"] = Softmax.Read,
    };

    /// <summary>The names of all operators, in ordinal order.</summary>
    public static IEnumerable<string> Mnemonics => Readers.Keys;

    /// <summary>How to read the attributes of an operator, or null where the name is unknown.</summary>
    public static Func<IAttributeReader, Operator>? FindReader(string mnemonic) =>
        Readers.TryGetValue(mnemonic, out var reader) ? reader : null;
}
