namespace Subp.Compiler.Planning.Costs;

/// <summary>The kinds of work that kernels count, with what one of each is. A machine has cycles for every kind.</summary>
internal static class CostKinds
{
    /// <summary>Every kind and its meaning.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> All { get; } =
    [
        new("layer", "A layer: the call, its arguments, the clock of the profile."),
        new("direct.taps", "Direct kernels, cycles that the core needs at least: taps written out."),
        new("direct.point", "The same of one tap."),
        new("direct.straight", "Straight-line code."),
        new("direct.table", "Taps as loops."),
        new("direct.load", "A load of the first-level cache, beyond what it costs to issue."),
        new("direct.tile", "Entering and leaving a register tile."),
        new("direct.store", "A sum: bias, activation, store."),
        new("direct.line2", "An input line from the second-level cache, again for another group."),
        new("direct.line3", "The same from further away."),
        new("weight.cold", "A line of weights on its first use."),
        new("weight.line2", "A line of weights again, from the second-level cache."),
        new("weight.line3", "The same from further away."),
        new("winograd.product", "Products in the Winograd domain, cycles that the core needs at least."),
        new("winograd.block", "A kept block: offset, weights, loop."),
        new("winograd.call", "A call for one group at one position."),
        new("winograd.store", "A sum of products: zero, store."),
        new("winograd.line2", "A transformed line, read by a chunk from the second-level cache."),
        new("winograd.line3", "The same from further away."),
        new("winograd4.input", "F(4x4,3x3), a vector of an input tile."),
        new("winograd4.output", "F(4x4,3x3), a vector of an output tile."),
        new("winograd2.input", "F(2x2,3x3), a vector of an input tile."),
        new("winograd2.output", "F(2x2,3x3), a vector of an output tile."),
        new("winograd4x4.input", "F(4x4,4x4) of phases, a vector of an input tile, which is gathered first."),
        new("winograd4x4.output", "The same, a vector of an output tile."),
        new("depthwise.tap", "A depthwise tap: a load and a multiply-add."),
        new("depthwise.vector", "A depthwise sum."),
        new("depthwise.row", "A row of one block of channels."),
        new("pool.tap", "A tap of a pool."),
        new("pool.vector", "A vector of a pool: its window."),
        new("mean.vector", "A vector of a mean."),
        new("element.vector", "A vector that an element-wise step reads or writes."),
        new("function", "A vector of sigmoid or SiLU."),
        new("linear.line", "A line of the weights of a dense linear layer."),
        new("linear.step", "A multiply-add of a dense linear layer."),
        new("copy.row", "A row of a copy between layouts."),
        new("copy.value", "A value of it."),
        new("copy.transposed", "A value that changes its place among channels."),
        new("gather.vector", "A vector of collected channels."),
        new("softmax.value", "A value of softmax."),
        new("read.line2", "A line of a value that another layer wrote, from the second-level cache."),
        new("read.line3", "The same from further away."),
        new("write.line2", "A line that is written, of a small value."),
        new("write.line3", "Of a large one."),
    ];
}
