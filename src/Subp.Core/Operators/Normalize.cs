using Subp.Core.Graphs;

namespace Subp.Core.Operators;

/// <summary>
/// (x - mean) / sqrt(variance + epsilon) with the statistics of the value itself along some axes, then times a scale and plus a shift:
/// instance normalisation (axes 2, 3), group normalisation (axes 1, 2, 3 with groups), layer normalisation (the last axes).
/// </summary>
public sealed record Normalize : Operator
{
    /// <summary>The axes along which mean and variance are taken, ascending, counted from 0.</summary>
    public required EquatableList<int> Axes { get; init; }

    /// <summary>In how many equal parts axis 1 is taken, each with its own statistics; 1 for none.</summary>
    public int Groups { get; init; } = 1;

    /// <summary>Added to the variance before the square root.</summary>
    public float Epsilon { get; init; } = BatchNorm.DefaultEpsilon;

    /// <summary>True to leave the mean alone and divide by the root of the mean square (RMS normalisation).</summary>
    public bool KeepsMean { get; init; }

    /// <summary>The name of the scale, which is broadcast to the input, or null.</summary>
    public string? Scale { get; init; }

    /// <summary>The name of the shift, which is broadcast to the input, or null.</summary>
    public string? Shift { get; init; }

    /// <inheritdoc/>
    public override string Mnemonic => "normalize";

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterUse> Parameters =>
        [.. Scale is null ? (ParameterUse[])[] : [new("scale", Scale)], .. Shift is null ? (ParameterUse[])[] : [new("shift", Shift)]];

    /// <inheritdoc/>
    public override TensorShape InferShape(ShapeContext context)
    {
        var shape = context.Inputs[0];
        context.RequireAxes("axes", Axes, shape);
        context.RequireRange("groups", Groups, 1);
        if (Groups != 1 && (!Axes.Contains(1) || shape[1] % Groups != 0))
            throw context.Error(
                FormattableString.Invariant($"{Groups} groups along axis 1 of an input of shape {shape}"),
                "axis 1 among the axes, and a multiple of the groups as its extent"
            );
        if (!(Epsilon >= 0))
            throw context.Error(FormattableString.Invariant($"epsilon = {Epsilon}"), "at least 0");
        foreach (var use in Parameters)
        {
            var found = context.Parameter(use.Name).Shape;
            if (found.Rank > shape.Rank || !context.Broadcast(shape, found).Equals(shape))
                throw context.Error($"the {use.Role} '{use.Name}' of shape {found}", $"a shape that is broadcast to {shape}");
        }

        return shape;
    }

    /// <inheritdoc/>
    public override void WriteAttributes(IAttributeWriter writer)
    {
        writer.Write("axes", [.. Axes]);
        if (Groups != 1)
            writer.Write("groups", Groups);
        if (Epsilon != BatchNorm.DefaultEpsilon)
            writer.Write("epsilon", Epsilon);
        if (KeepsMean)
            writer.Write("keep_mean", 1);
    }

    /// <inheritdoc/>
    public override Operator WithParameters(Func<ParameterUse, string> rename) =>
        this with
        {
            Scale = Scale is null ? null : rename(new("scale", Scale)),
            Shift = Shift is null ? null : rename(new("shift", Shift)),
        };

    internal static Operator Read(IAttributeReader reader) =>
        new Normalize
        {
            Scale = reader.OptionalParameter("scale"),
            Shift = reader.OptionalParameter("shift"),
            Axes = reader.Integers("axes"),
            Groups = reader.Integer("groups", 1),
            Epsilon = reader.Real("epsilon", BatchNorm.DefaultEpsilon),
            KeepsMean = reader.Integer("keep_mean", 0) != 0,
        };
}
