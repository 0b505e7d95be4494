using Subp.Core.Diagnostics;
using Subp.Core.Graphs;

namespace Subp.Core.Operators;

/// <summary>
/// The elements of a value in NCHW order under other dimensions: features become an image, an image another one, or the batch is joined
/// with what follows. <see cref="Flatten"/> is the usual case and has a name of its own.
/// </summary>
public sealed record Reshape : Operator
{
    private readonly int[] _dimensions;

    /// <summary>Creates the operator.</summary>
    /// <param name="dimensions">The dimensions of the result, outermost first, batch included; checked with the graph.</param>
    public Reshape(params IReadOnlyList<int> dimensions) => _dimensions = [.. dimensions];

    /// <inheritdoc/>
    public override string Mnemonic => "reshape";

    /// <inheritdoc/>
    /// <exception cref="SubpException">The result has another number of elements than the input.</exception>
    public override TensorShape InferShape(ShapeContext context)
    {
        var (input, result) = (context.Inputs[0], new TensorShape(_dimensions));
        if (input.ElementCount != result.ElementCount)
            throw context.Error(
                FormattableString.Invariant($"the result {result} for an input of shape {input}"),
                FormattableString.Invariant($"dimensions of {input.ElementCount} elements")
            );
        return result;
    }

    /// <inheritdoc/>
    public override TensorType InferType(TypeContext context) => context.SameAsInput();

    /// <inheritdoc/>
    public override void WriteAttributes(IAttributeWriter writer) => writer.Write("shape", _dimensions);

    /// <inheritdoc/>
    public bool Equals(Reshape? other) => other is not null && _dimensions.SequenceEqual(other._dimensions);

    /// <inheritdoc/>
    public override int GetHashCode() => _dimensions.Aggregate(17, (hash, dimension) => unchecked((hash * 31) + dimension));

    internal static Operator Read(IAttributeReader reader) => new Reshape(reader.Integers("shape"));
}
