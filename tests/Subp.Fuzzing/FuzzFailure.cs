namespace Subp.Fuzzing;

/// <summary>A mutation that was not answered as it should be.</summary>
/// <param name="Target">The reader.</param>
/// <param name="Seed">The seed of the run.</param>
/// <param name="Trial">The number of the mutation; with target and seed it gives the same bytes again.</param>
/// <param name="Length">The bytes of the file.</param>
/// <param name="Problem">What happened.</param>
public sealed record FuzzFailure(string Target, int Seed, int Trial, int Length, string Problem)
{
    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Target}, seed {Seed}, trial {Trial} ({Length} bytes): {Problem}");
}
