using Subp.Compiler;
using Subp.Compiler.Planning;

namespace Subp.Roslyn.Tests.Models;

/// <summary>A layer whose kernel is written by hand in the test.</summary>
internal sealed record HandWrittenLayer(LayerFrame Frame) : LayerPlan(Frame)
{
    public override string KernelName(InstructionSet instructionSet) => $"f32_copy_{instructionSet.ToString().ToLowerInvariant()}";
}
