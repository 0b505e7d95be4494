using Subp.Compiler.Planning.Costs;
using Subp.Core.Text;

namespace Subp.Compiler;

/// <summary>Everything besides the structure that the emitted code depends on.</summary>
public sealed record CompileOptions
{
    /// <summary>The namespace of the emitted class.</summary>
    public string Namespace { get; init; } = "SubpModels";

    /// <summary>
    /// The name of the emitted class; null derives it from the name of the network (<c>fashion-resnet8</c> becomes <c>FashionResnet8</c>).
    /// </summary>
    public string? ClassName { get; init; }

    /// <summary>The instruction sets to emit, best first. <see cref="InstructionSet.Portable"/> is always emitted.</summary>
    public IReadOnlyList<InstructionSet> InstructionSets { get; init; } =
    [InstructionSet.Avx512, InstructionSet.Avx2, InstructionSet.Portable];

    /// <summary>The thread counts a schedule is written for, ascending; 1 is always among them.</summary>
    public IReadOnlyList<int> ThreadCounts { get; init; } = [1, 2, 3, 4];

    /// <summary>How far patterns are unrolled.</summary>
    public UnrollMode Unroll { get; init; } = UnrollMode.Auto;

    /// <summary>
    /// The processor whose costs decide between kernels. Never the one that compiles, unless somebody says so: equal options give equal
    /// code everywhere.
    /// </summary>
    public MachineDescription Machine { get; init; } = MachineDescription.Standard;

    /// <summary>
    /// Choices of single layers that overrule the planner, from the .subp file. They hold under <see cref="UnrollMode.Auto"/>; another mode
    /// asks for one form of all layers and sets them aside.
    /// </summary>
    public PlanHints Hints { get; init; } = PlanHints.Empty;

    /// <summary>True keeps to kernels as exact as direct summation: of the Winograd transforms only F(2x2,3x3) is used. An
    /// infinity or a NaN then reaches 2 x 2 outputs instead of 4 x 4; unrolled taps keep it in place.</summary>
    public bool Precise { get; init; }

    /// <summary>
    /// True keeps every value in the arena until the next run: nothing is written over, so that a tool can read what each layer computed.
    /// The kernels are the same; the arena is many times as large.
    /// </summary>
    public bool KeepValues { get; init; }

    /// <summary>Where the emitted model finds its weights.</summary>
    public WeightsLocation Weights { get; init; } = WeightsLocation.Embedded;

    /// <summary>
    /// The name of the embedded resource, or of the file beside the program, without its extension; null takes the class with its namespace
    /// for a resource, and without it for a file.
    /// </summary>
    public string? WeightsName { get; init; }

    /// <summary>The version written into the header of emitted files.</summary>
    public string ToolVersion { get; init; } = "0.1.0";
}
