namespace Subp.Training.Engines;

/// <summary>
/// How a training rounds what a network of bytes rounds: weights to signed bytes with a scale for each output channel, values to unsigned
/// bytes whose range follows what they take. Gradients pass as if nothing were rounded (straight-through: Bengio et al., 2013; ranges and
/// rounding as in Jacob et al., 2018).
/// </summary>
/// <param name="WeightBits">The bits of a weight with its sign, 8 or 7.</param>
public sealed record ByteRounding(int WeightBits);
