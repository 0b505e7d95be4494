namespace Subp.Compiler.Planning;

/// <summary>A constant of a kernel family that lives in a folder of its own: how it is computed, it says itself.</summary>
/// <param name="Offset">Start in the constants, in floats, a multiple of 16.</param>
/// <param name="Length">Length in floats, a multiple of 16.</param>
internal abstract record FamilyConstant(int Offset, int Length) : PreparedConstant(Offset, Length)
{
    /// <summary>The emitted methods that compute it; constants with the same text share them.</summary>
    public abstract string Methods { get; }

    /// <summary>The emitted statement that computes it.</summary>
    /// <param name="source">The pointer to a parameter in the weights file, a <c>float*</c>.</param>
    /// <param name="target">The pointer to the constant, a <c>float*</c>.</param>
    public abstract string Call(Func<string, string> source, string target);
}
