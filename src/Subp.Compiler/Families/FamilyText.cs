using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Planning;

namespace Subp.Compiler.Families;

/// <summary>What the writers of all families share: heads of methods and shapes in words.</summary>
internal static class FamilyText
{
    /// <summary>Opens the layer method: what it computes in a sentence, a pointer per operand, the part of the thread.</summary>
    public static CSharpWriter.Scope Method(
        CSharpWriter writer,
        FamilyPlan plan,
        InstructionSet set,
        string sentence,
        IReadOnlyList<string> pointers
    ) =>
        KernelText.Method(
            writer,
            $"{plan.Node.Name}: {plan.KernelName(set)}, {sentence}.",
            $"internal static void {plan.MethodStem}({Parameters(pointers)}{KernelText.RangeParameters})"
        );

    private static string Parameters(IReadOnlyList<string> pointers) => string.Concat(pointers.Select(pointer => $"float* {pointer}, "));
}
