namespace Subp.Compiler.Planning.Layers;

/// <summary>
/// Channels of one or more values collected into a new one: concatenations, slices and shuffles whose channels do not line up in whole
/// blocks. Tasks: blocks of 16 channels x rows.
/// </summary>
/// <param name="Frame">What every step has.</param>
public sealed record ChannelGatherPlan(LayerFrame Frame) : SimplePlan(Frame)
{
    /// <summary>For each output channel the operand and the channel of it that is copied.</summary>
    public required IReadOnlyList<ChannelSource> Sources { get; init; }

    /// <inheritdoc/>
    protected override string OperationName => Node.Operator.Mnemonic;
}

/// <summary>Where a channel is copied from.</summary>
/// <param name="Input">The operand.</param>
/// <param name="Channel">The channel of the operand.</param>
public readonly record struct ChannelSource(int Input, int Channel);
