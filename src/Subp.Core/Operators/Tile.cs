using Subp.Core.Graphs;

namespace Subp.Core.Operators;

/// <summary>The whole value repeated along every axis. Where an axis has the extent 1, that is what broadcasting does.</summary>
public sealed record Tile : Operator
{
    /// <summary>How often along each axis, at least once.</summary>
    public required EquatableList<int> Repeats { get; init; }

    /// <inheritdoc/>
    public override string Mnemonic => "tile";

    /// <inheritdoc/>
    public override TensorShape InferShape(ShapeContext context)
    {
        var shape = context.Inputs[0];
        if (Repeats.Count != shape.Rank)
            throw context.Error($"repeats = [{string.Join(",", Repeats)}] for an input of shape {shape}", "one number per dimension");
        foreach (var repeat in Repeats)
            context.RequireRange("repeats", repeat, 1);
        return new TensorShape([.. shape.Dimensions.Select((extent, axis) => (int)Math.Min((long)extent * Repeats[axis], int.MaxValue))]);
    }

    /// <inheritdoc/>
    public override TensorType InferType(TypeContext context) => context.SameAsInput();

    /// <inheritdoc/>
    public override void WriteAttributes(IAttributeWriter writer) => writer.Write("repeats", [.. Repeats]);

    internal static Operator Read(IAttributeReader reader) => new Tile { Repeats = reader.Integers("repeats") };
}
