namespace Subp.Compiler.Planning.Layers;

/// <summary>
/// A step whose kernel needs no choices: its name is <c>f32_op_activation_isa</c>. Tasks of image steps: blocks of 16 channels x rows of
/// all images; tasks of vector steps: blocks of 16 features x images.
/// </summary>
/// <param name="Frame">What every step has.</param>
public abstract record SimplePlan(LayerFrame Frame) : LayerPlan(Frame)
{
    /// <summary>The operation part of the kernel name, for example <c>maxpool3x3s2</c>.</summary>
    protected abstract string OperationName { get; }

    /// <inheritdoc/>
    public override string KernelName(InstructionSet instructionSet) =>
        $"f32_{OperationName}_{instructionSet.ToString().ToLowerInvariant()}";
}
