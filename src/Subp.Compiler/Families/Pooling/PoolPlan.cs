using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Costs;
using Subp.Compiler.Planning.Scheduling;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.Pooling;

/// <summary>Maximum or average pooling over windows that are cut at the image's edge.</summary>
/// <param name="Frame">What every step has.</param>
internal sealed record PoolPlan(LayerFrame Frame) : ImagePlan(Frame)
{
    /// <summary>The pooling.</summary>
    public required Pool2d Pool { get; init; }

    /// <inheritdoc/>
    public override void AddFootprint(WorkRange range, SpanList reads, SpanList writes) => AddWindow(Pool.Window, range, reads, writes);

    /// <inheritdoc/>
    public override IReadOnlyList<WorkItem> Work(InstructionSet set, MachineDescription machine) =>
        Work(Pool.Window, Vectors(set), Stream(machine)).Items;

    /// <summary>Adds what pooling costs beside reading and writing.</summary>
    /// <param name="window">The window.</param>
    /// <param name="vectors">The vectors of the result.</param>
    /// <param name="work">What it is added to.</param>
    public static WorkList Work(Window window, double vectors, WorkList work) =>
        work.Add("pool.vector", vectors).Add("pool.tap", vectors * window.Kernel.Height * window.Kernel.Width);

    /// <inheritdoc/>
    protected override string OperationName =>
        InvariantText.Invariant(
            $"{(Pool.Kind == PoolKind.Maximum ? "maxpool" : "avgpool")}{Pool.Window.Kernel.Height}x{Pool.Window.Kernel.Width}s"
                + $"{Pool.Window.Stride.Height}"
        );
}
