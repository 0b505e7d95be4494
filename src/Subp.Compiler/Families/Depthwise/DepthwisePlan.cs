using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Costs;
using Subp.Compiler.Planning.Scheduling;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.Depthwise;

/// <summary>A depthwise convolution, one filter per channel: lanes are channels, weights [block][tap][16].</summary>
/// <param name="Frame">What every step has.</param>
internal sealed record DepthwisePlan(LayerFrame Frame) : ImagePlan(Frame)
{
    /// <summary>The convolution.</summary>
    public required Conv2d Convolution { get; init; }

    /// <inheritdoc/>
    public override Activation Activation => Convolution.Activation;

    /// <inheritdoc/>
    public override void AddFootprint(WorkRange range, SpanList reads, SpanList writes) =>
        AddWindow(Convolution.Window, range, reads, writes);

    /// <inheritdoc/>
    public override IReadOnlyList<WorkItem> Work(InstructionSet set, MachineDescription machine) => DepthwiseWork.Items(this, set, machine);

    /// <inheritdoc/>
    protected override string OperationName =>
        InvariantText.Invariant(
            $"dwconv{Convolution.Window.Kernel.Height}x{Convolution.Window.Kernel.Width}s{Convolution.Window.Stride.Height}_"
                + $"{Convolution.Activation.Word}"
        );
}
