using System.Collections;

namespace Subp.Cli.Compression;

/// <summary>Inputs that statistics are measured on, and some more of the same that nothing is fitted to.</summary>
/// <param name="inputs">The inputs to measure on.</param>
/// <param name="heldOut">Inputs to see on what the result is worth; none where there were no more.</param>
/// <param name="isSynthetic">Whether they were made from the network.</param>
internal sealed class CalibrationSet(IReadOnlyList<float[]> inputs, IReadOnlyList<float[]> heldOut, bool isSynthetic = false)
    : IReadOnlyList<float[]>
{
    // A share of fewer says nothing about a loss.
    private const int FewestHeldOut = 20;

    /// <inheritdoc/>
    public int Count => inputs.Count;

    /// <summary>Whether the inputs were made from the network.</summary>
    public bool IsSynthetic => isSynthetic;

    /// <summary>Whether there are enough inputs that nothing was fitted to.</summary>
    public bool HoldsOut => heldOut.Count >= FewestHeldOut;

    /// <summary>
    /// The inputs to compare networks on: those that nothing was fitted to, or the others where there are too few of these.
    /// </summary>
    public IReadOnlyList<float[]> Compared => HoldsOut ? heldOut : inputs;

    /// <inheritdoc/>
    public float[] this[int index] => inputs[index];

    /// <inheritdoc/>
    public IEnumerator<float[]> GetEnumerator() => inputs.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
