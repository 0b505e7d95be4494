namespace Subp.Compiler;

/// <summary>
/// The instruction sets kernels are emitted for. One nested class per set; the best one the machine has is chosen once at start-up.
/// </summary>
public enum InstructionSet
{
    /// <summary>AVX-512F: sixteen floats a register, 32 registers.</summary>
    Avx512,

    /// <summary>AVX2 with FMA: eight floats a register, 16 registers.</summary>
    Avx2,

    /// <summary><c>Vector128</c> of the base library: four floats, runs on every processor .NET runs on.</summary>
    Portable,
}
