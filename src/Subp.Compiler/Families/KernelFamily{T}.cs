using Subp.Compiler.Emission;
using Subp.Compiler.Planning;

namespace Subp.Compiler.Families;

/// <summary>A family whose steps are plans of one type.</summary>
/// <typeparam name="TPlan">The type of its plans.</typeparam>
internal abstract class KernelFamily<TPlan> : KernelFamily
    where TPlan : FamilyPlan
{
    /// <summary>Writes the layer method of one instruction set.</summary>
    protected abstract void Write(CSharpWriter writer, TPlan plan, InstructionSet set);

    /// <inheritdoc/>
    public sealed override bool TryWrite(CSharpWriter writer, FamilyPlan plan, InstructionSet set, ModelPlan model)
    {
        if (plan is not TPlan own)
            return false;
        Write(writer, own, set);
        return true;
    }
}
