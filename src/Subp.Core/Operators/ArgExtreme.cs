using Subp.Core.Graphs;

namespace Subp.Core.Operators;

/// <summary>The index, as a float, of the largest or smallest element along one axis.</summary>
public sealed record ArgExtreme : Operator
{
    /// <summary>True for the smallest, false for the largest element.</summary>
    public bool IsMinimum { get; init; }

    /// <summary>The axis, counted from 0.</summary>
    public required int Axis { get; init; }

    /// <summary>Whether the axis stays as one of extent 1.</summary>
    public bool KeepDimensions { get; init; } = true;

    /// <summary>Of several equal elements the last instead of the first.</summary>
    public bool SelectsLast { get; init; }

    /// <inheritdoc/>
    public override string Mnemonic => IsMinimum ? "arg_min" : "arg_max";

    /// <inheritdoc/>
    public override TensorShape InferShape(ShapeContext context)
    {
        context.RequireAxis("axis", Axis, context.Inputs[0]);
        return Reduce.Reduced(context.Inputs[0], [Axis], KeepDimensions);
    }

    /// <inheritdoc/>
    public override void WriteAttributes(IAttributeWriter writer)
    {
        writer.Write("axis", Axis);
        if (!KeepDimensions)
            writer.Write("keep", 0);
        if (SelectsLast)
            writer.Write("last", 1);
    }

    internal static Operator ReadMaximum(IAttributeReader reader) =>
        new ArgExtreme
        {
            Axis = reader.Integer("axis"),
            KeepDimensions = reader.Integer("keep", 1) != 0,
            SelectsLast = reader.Integer("last", 0) != 0,
        };

    internal static Operator ReadMinimum(IAttributeReader reader) => (ArgExtreme)ReadMaximum(reader) with { IsMinimum = true };
}
