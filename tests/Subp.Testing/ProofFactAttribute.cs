using Xunit;

namespace Subp.Testing;

/// <summary>A test that takes long and says little that others do not: <c>eng/prove</c> runs it, a run of all tests skips it.</summary>
public sealed class ProofFactAttribute : FactAttribute
{
    /// <summary>Creates the attribute.</summary>
    public ProofFactAttribute()
    {
        if (!Thoroughness.IsFull)
            Skip = "eng/prove runs it.";
    }
}
