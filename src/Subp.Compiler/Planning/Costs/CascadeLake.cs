namespace Subp.Compiler.Planning.Costs;

/// <summary>
/// The measured costs of one core of a Cascade Lake server processor with AVX-512 kernels, in cycles: fitted to the layers of networks that ran as a
/// whole, see docs/kernels.md. Kinds that these did not have (taps as loops, transposed copies, gathers, softmax) stand with estimates.
/// </summary>
internal static class CascadeLake
{
    /// <summary>The machine.</summary>
    public static readonly MachineDescription Description = new()
    {
        Name = "Cascade Lake",
        MultiplyAddsPerCycle = 2,
        FirstLevelBytes = 32 * 1024,
        SecondLevelBytes = 1024 * 1024,
        Cycles = new Dictionary<string, double>(StringComparer.Ordinal)
        {
            ["layer"] = 365,  // A layer: the call, its arguments, the clock of the profile.
            ["direct.taps"] = 0.959,  // Direct kernels, cycles that the core needs at least: taps written out.
            ["direct.point"] = 1.33,  // The same of one tap.
            ["direct.straight"] = 1.54,  // Straight-line code.
            ["direct.table"] = 1.3,  // Taps as loops.
            ["direct.load"] = 0.0785,  // A load of the first-level cache, beyond what it costs to issue.
            ["direct.tile"] = 24.8,  // Entering and leaving a register tile.
            ["direct.store"] = 2.34,  // A sum: bias, activation, store.
            ["direct.line2"] = 0.604,  // An input line from the second-level cache, again for another group.
            ["direct.line3"] = 8.8,  // The same from further away.
            ["weight.cold"] = 8.73,  // A line of weights on its first use.
            ["weight.line2"] = 1.11,  // A line of weights again, from the second-level cache.
            ["weight.line3"] = 5.39,  // The same from further away.
            ["winograd.product"] = 1.13,  // Products in the Winograd domain, cycles that the core needs at least.
            ["winograd.block"] = 0.887,  // A kept block: offset, weights, loop.
            ["winograd.call"] = 18.3,  // A call for one group at one position.
            ["winograd.store"] = 2.06,  // A sum of products: zero, store.
            ["winograd.line2"] = 2.01,  // A transformed line, read by a chunk from the second-level cache.
            ["winograd.line3"] = 6,  // The same from further away.
            ["winograd4.input"] = 246,  // F(4x4,3x3), a vector of an input tile.
            ["winograd4.output"] = 155,  // F(4x4,3x3), a vector of an output tile.
            ["winograd2.input"] = 104,  // The same of F(2x2,3x3).
            ["winograd2.output"] = 82.4,
            ["depthwise.tap"] = 0.708,  // A depthwise tap: a load and a multiply-add.
            ["depthwise.vector"] = 1,  // A depthwise sum.
            ["depthwise.row"] = 21.3,  // A row of one block of channels.
            ["pool.tap"] = 1.73,  // A tap of a pool.
            ["pool.vector"] = 11.6,  // A vector of a pool: its window.
            ["mean.vector"] = 0.581,  // A vector of a mean.
            ["element.vector"] = 0,  // A vector that an element-wise step reads or writes.
            ["function"] = 17.9,  // A vector of sigmoid or SiLU.
            ["linear.line"] = 12.7,  // A line of the weights of a dense linear layer.
            ["linear.step"] = 1.03,  // A multiply-add of a dense linear layer.
            ["copy.row"] = 6.11,  // A row of a copy between layouts.
            ["copy.value"] = 1.29,  // A value of it.
            ["copy.transposed"] = 2,  // A value that changes its place among channels.
            ["gather.vector"] = 2,  // A vector of collected channels.
            ["softmax.value"] = 20,  // A value of softmax.
            ["read.line2"] = 1.54,  // A line of a value that another layer wrote, from the second-level cache.
            ["read.line3"] = 4.68,  // The same from further away.
            ["write.line2"] = 1.78,  // A line that is written, of a small value.
            ["write.line3"] = 1.74,  // Of a large one.
        },
    };
}
