using Subp.Core.Graphs;

namespace Subp.Core.Operators;

/// <summary>
/// A parameter as a value, so that every operator that reads values can read weights: a table to add, a factor per row, one side of a
/// matrix product. It reads no value.
/// </summary>
public sealed record Constant : Operator
{
    /// <summary>The name of the parameter; it is dense.</summary>
    public required string Value { get; init; }

    /// <inheritdoc/>
    public override string Mnemonic => "constant";

    /// <inheritdoc/>
    public override (int Minimum, int Maximum) InputCount => (0, 0);

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterUse> Parameters => [new("value", Value)];

    /// <inheritdoc/>
    public override TensorShape InferShape(ShapeContext context)
    {
        var parameter = context.Parameter(Value);
        if (parameter.Pattern is not null)
            throw context.Error($"the block-sparse parameter '{Value}'", "a dense one");
        return parameter.Shape;
    }

    /// <inheritdoc/>
    public override TensorType InferType(TypeContext context) =>
        context.Parameter(Value).Element switch
        {
            ElementType.Float32 => TensorType.Float32,
            ElementType.UInt8 => context.DeclaredBytes(),
            var element => throw context.Error($"the parameter '{Value}' of type {ElementTypes.Word(element)}", "f32 or u8"),
        };

    /// <inheritdoc/>
    public override Operator WithParameters(Func<ParameterUse, string> rename) => this with { Value = rename(new("value", Value)) };

    internal static Operator Read(IAttributeReader reader) => new Constant { Value = reader.Parameter("value") };
}
