namespace Subp.Compiler.Planning.Costs;

/// <summary>
/// The measured costs of one core of a Cascade Lake server processor with AVX-512 kernels, in cycles: fitted to the layers of networks that
/// ran as a whole, see docs/kernels.md. Kinds that these did not have (taps as loops, F(2x2,3x3), transposed copies, softmax) stand with
/// estimates.
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
            ["layer"] = 608, // A layer: the call, its arguments, the clock of the profile.
            ["direct.taps"] = 0.951, // Direct kernels, cycles that the core needs at least: taps written out.
            ["direct.point"] = 1.22, // The same of one tap.
            ["direct.straight"] = 1.56, // Straight-line code.
            ["direct.table"] = 1.3, // Taps as loops.
            ["direct.load"] = 0.0585, // A load of the first-level cache, beyond what it costs to issue.
            ["direct.tile"] = 22.5, // Entering and leaving a register tile.
            ["direct.store"] = 2.62, // A sum: bias, activation, store.
            ["direct.line2"] = 0.908, // An input line from the second-level cache, again for another group.
            ["direct.line3"] = 8.97, // The same from further away.
            ["weight.cold"] = 10.2, // A line of weights on its first use.
            ["weight.line2"] = 1.31, // A line of weights again, from the second-level cache.
            ["weight.line3"] = 5.43, // The same from further away.
            ["winograd.product"] = 1.21, // Products in the Winograd domain, cycles that the core needs at least.
            ["winograd.block"] = 0.906, // A kept block: offset, weights, loop.
            ["winograd.call"] = 18.5, // A call for one group at one position.
            ["winograd.store"] = 1.92, // A sum of products: zero, store.
            ["winograd.line2"] = 1.97, // A transformed line, read by a chunk from the second-level cache.
            ["winograd.line3"] = 6, // The same from further away.
            ["winograd4.input"] = 253, // F(4x4,3x3), a vector of an input tile.
            ["winograd4.output"] = 137, // F(4x4,3x3), a vector of an output tile.
            ["winograd2.input"] = 130, // The same of F(2x2,3x3).
            ["winograd2.output"] = 110,
            ["winograd4x4.input"] = 600, // F(4x4,4x4) of phases, which are gathered first: estimates, from the ratios on Zen 5.
            ["winograd4x4.output"] = 190,
            ["depthwise.tap"] = 0.706, // A depthwise tap: a load and a multiply-add.
            ["depthwise.vector"] = 0.975, // A depthwise sum.
            ["depthwise.row"] = 16.8, // A row of one block of channels.
            ["pool.tap"] = 0.095, // A tap of a pool.
            ["pool.vector"] = 7.42, // A vector of a pool: its window.
            ["mean.vector"] = 1.7, // A vector of a mean.
            ["element.vector"] = 0.444, // A vector that an element-wise step reads or writes.
            ["function"] = 18.7, // A vector of sigmoid or SiLU.
            ["linear.line"] = 13.8, // A line of the weights of a dense linear layer.
            ["linear.step"] = 1.04, // A multiply-add of a dense linear layer.
            ["copy.row"] = 5.91, // A row of a copy between layouts.
            ["copy.value"] = 1.22, // A value of it.
            ["copy.transposed"] = 2, // A value that changes its place among channels.
            ["gather.vector"] = 2, // A vector of collected channels.
            ["softmax.value"] = 20, // A value of softmax.
            ["read.line2"] = 0.201, // A line of a value that another layer wrote, from the second-level cache.
            ["read.line3"] = 4.69, // The same from further away.
            ["write.line2"] = 1.74, // A line that is written, of a small value.
            ["write.line3"] = 0.977, // Of a large one.
        },
    };
}
