using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Costs;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.Elementwise;

/// <summary>A function of one, two or three values, position by position; values that lack an axis are repeated along it.</summary>
/// <param name="Frame">What every step has.</param>
internal sealed record DenseElementwisePlan(LayerFrame Frame) : NestPlan(Frame)
{
    /// <summary>What is computed.</summary>
    public Operator Operator => Node.Operator;

    /// <summary>The activation of the result, or the function itself where there is one operand.</summary>
    public Activation Applied =>
        Operator switch
        {
            Activate activate => activate.Activation,
            Add add => add.Activation,
            Mul product => product.Activation,
            BatchNorm norm => norm.Activation,
            _ => Activation.None,
        };

    /// <inheritdoc/>
    public override IEnumerable<string> Functions =>
        [
            VectorFunctions.LoadFirst,
            VectorFunctions.StoreFirst,
            .. ActivationText.NeedsFunction(Applied) ? (string[])[VectorFunctions.NameOf(Applied.Kind)] : [],
            .. Operator is Binary binary && ElementwiseText.Function(binary.Kind) is { } function ? (string[])[function] : [],
        ];

    /// <inheritdoc/>
    protected override string OperationName =>
        Operator is Activate ? Applied.Word
        : Applied == Activation.None ? Operator.Mnemonic
        : $"{Operator.Mnemonic}_{Applied.Word}";

    /// <inheritdoc/>
    public override IReadOnlyList<WorkItem> Work(InstructionSet set, MachineDescription machine)
    {
        var vectors = Node.Shape.ElementCount / (double)MachineDescription.Lanes(set);
        var work = new WorkList().Add("layer", 1).AddWrite(machine, Node.Shape.ElementCount * sizeof(float));
        foreach (var input in Inputs)
            work.AddRead(machine, (double)(input?.Shape.ElementCount ?? 1) * sizeof(float));
        return work.AddActivation(Applied, vectors).Add("element.vector", vectors * Operands.Count).Items;
    }
}
