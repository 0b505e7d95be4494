namespace Subp.Core.Operators;

/// <summary>The operators this product knows, by their name in .subp text.</summary>
public static class OperatorRegistry
{
    private static readonly SortedDictionary<string, Func<IAttributeReader, Operator>> Readers = All();

    /// <summary>The names of all operators, in ordinal order.</summary>
    public static IEnumerable<string> Mnemonics => Readers.Keys;

    /// <summary>How to read the attributes of an operator, or null where the name is unknown.</summary>
    public static Func<IAttributeReader, Operator>? FindReader(string mnemonic) =>
        Readers.TryGetValue(mnemonic, out var reader) ? reader : null;

    private static SortedDictionary<string, Func<IAttributeReader, Operator>> All()
    {
        var readers = new SortedDictionary<string, Func<IAttributeReader, Operator>>(StringComparer.Ordinal)
        {
            ["add"] = Add.Read,
            ["arg_max"] = ArgExtreme.ReadMaximum,
            ["arg_min"] = ArgExtreme.ReadMinimum,
            ["avg_pool"] = Pool2d.ReadAverage,
            ["batch_norm"] = BatchNorm.Read,
            ["change_layout"] = ChangeLayout.Read,
            ["channel_shuffle"] = ChannelShuffle.Read,
            ["clip"] = Activate.ReadClip,
            ["concat"] = Concat.Read,
            ["constant"] = Constant.Read,
            ["conv2d"] = Conv2d.Read,
            ["conv_transpose2d"] = ConvTranspose2d.Read,
            ["depth_to_space"] = DepthToSpace.Read,
            ["dequantize"] = Dequantize.Read,
            ["flatten"] = Flatten.Read,
            ["gather"] = Gather.Read,
            ["global_avg_pool"] = GlobalAveragePool.Read,
            ["linear"] = Linear.Read,
            ["local_response_norm"] = LocalResponseNorm.Read,
            ["log_softmax"] = Softmax.ReadLogarithm,
            ["matmul"] = MatMul.Read,
            ["max_pool"] = Pool2d.ReadMaximum,
            ["mul"] = Mul.Read,
            ["normalize"] = Normalize.Read,
            ["pad"] = Pad.Read,
            ["quantize"] = Quantize.Read,
            ["relu"] = _ => Activate.Relu,
            ["reshape"] = Reshape.Read,
            ["resize"] = Resize.Read,
            ["slice"] = Slice.Read,
            ["softmax"] = Softmax.Read,
            ["space_to_depth"] = SpaceToDepth.Read,
            ["take"] = Take.Read,
            ["take_elements"] = TakeElements.Read,
            ["take_tuples"] = TakeTuples.Read,
            ["tile"] = Tile.Read,
            ["top_indices"] = TopIndices.Read,
            ["transpose"] = Transpose.Read,
            ["where"] = Where.Read,
        };
        // The operators of which one record stands for many: a mnemonic per function.
        foreach (var form in ActivationForm.All)
            readers.Add(form.Word, Activate.Reader(form));
        foreach (var reader in Binary.Readers.Concat(Reduce.Readers).Concat(Recurrence.Readers))
            readers.Add(reader.Key, reader.Value);
        return readers;
    }
}
