namespace Subp.Compiler.Planning;

/// <summary>A constant as the family of kernels that reads it planned it: how it is computed, it says itself.</summary>
/// <param name="Offset">Start in the constants, in floats, a multiple of 16.</param>
/// <param name="Length">Length in floats, a multiple of 16.</param>
internal abstract record FamilyConstant(int Offset, int Length) : PreparedConstant(Offset, Length)
{
    /// <summary>
    /// The parameter that emitted code names it after; null for one that is named after the layer that reads it.
    /// </summary>
    public virtual string? NamedAfter => null;

    /// <summary>The emitted methods that compute it, each with an empty line at its end; constants with the same text share them.</summary>
    public abstract IReadOnlyList<string> Methods { get; }

    /// <summary>The emitted statement that computes it; null where zeros are all it holds.</summary>
    /// <param name="source">The pointer to a parameter in the weights file, a <c>float*</c>.</param>
    /// <param name="target">The pointer to the constant, a <c>float*</c>.</param>
    public abstract string? Call(Func<string, string> source, string target);
}
