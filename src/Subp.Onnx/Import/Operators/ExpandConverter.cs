using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>Expand, and Tile of a constant number of times.</summary>
/// <param name="name">The ONNX operator.</param>
internal sealed class ExpandConverter(string name) : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        name == "Expand"
            ? new(name, "tile, or nothing where the shape stays", "A constant shape.")
            : new(name, "tile, or nothing where the shape stays", "Constant repeats.");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(2, 2);
        var value = node.ValueOfAnyKind(0);
        var given = node.Constant(1, name == "Expand" ? "shape" : "repeats").ToIntegers();
        var shape = value.Dimensions;
        long[] repeats = given;
        if (name == "Expand")
        {
            var rank = Math.Max(shape.Length, given.Length);
            long[] padded = [.. Enumerable.Repeat(1L, rank - shape.Length), .. shape];
            long[] wanted = [.. Enumerable.Repeat(1L, rank - given.Length), .. given];
            if (Enumerable.Range(0, rank).Any(axis => padded[axis] != 1 && wanted[axis] != 1 && padded[axis] != wanted[axis]))
                throw node.Unsupported(
                    $"the shape [{string.Join(",", given)}] for a value of shape {value.Shape}",
                    "shapes that broadcast"
                );
            repeats = [.. Enumerable.Range(0, rank).Select(axis => padded[axis] == 1 ? wanted[axis] : 1)];
            if (rank > shape.Length)
                value = node.EmitIntermediate("expanded", new Reshape([.. padded.Select(extent => (int)extent)]), value);
        }

        if (repeats.Any(repeat => repeat is < 1 or > int.MaxValue))
            throw node.Unsupported($"the repeats [{string.Join(",", repeats)}]", "at least 1");
        if (repeats.Length == value.Shape.Rank && repeats.All(repeat => repeat == 1))
            node.Define(value);
        else
            node.Emit(new Tile { Repeats = repeats.Select(repeat => (int)repeat).ToArray() }, value);
    }
}
