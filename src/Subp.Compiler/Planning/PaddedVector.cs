using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Planning;

/// <summary>A vector copied as it is, padded with zeros: a bias [channels]; all zeros where there is no parameter.</summary>
/// <param name="Offset">Start in the constants, in floats.</param>
/// <param name="Length">Length in floats.</param>
/// <param name="Parameter">The vector, or null.</param>
/// <param name="Count">Its length in floats.</param>
internal sealed record PaddedVector(int Offset, int Length, string? Parameter, int Count) : FamilyConstant(Offset, Length)
{
    /// <inheritdoc/>
    public override string? NamedAfter => Parameter;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Methods => Parameter is null ? [] : [CopyVector];

    /// <inheritdoc/>
    public override string? Call(Func<string, string> source, string target) =>
        Parameter is null ? null : Invariant($"CopyVector({source(Parameter)}, {target}, {Count});");

    private const string CopyVector = """
        private static void CopyVector(float* source, float* target, int count) =>
            new System::ReadOnlySpan<float>(source, count).CopyTo(new System::Span<float>(target, count));

        """;
}
