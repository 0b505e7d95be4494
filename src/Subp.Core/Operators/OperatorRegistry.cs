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
        ["clip"] = Clip.Read,
        ["conv2d"] = Conv2d.Read,
        ["flatten"] = Flatten.Read,
        ["global_avg_pool"] = GlobalAveragePool.Read,
        ["linear"] = Linear.Read,
        ["max_pool"] = Pool2d.ReadMaximum,
        ["relu"] = _ => Clip.Relu,
        ["softmax"] = Softmax.Read,
    };

    /// <summary>The names of all operators, in ordinal order.</summary>
    public static IEnumerable<string> Mnemonics => Readers.Keys;

    /// <summary>How to read the attributes of an operator, or null where the name is unknown.</summary>
    public static Func<IAttributeReader, Operator>? FindReader(string mnemonic) =>
        Readers.TryGetValue(mnemonic, out var reader) ? reader : null;
}
