using Subp.Core.Graphs;

namespace Subp.Core.Operators;

/// <summary>
/// What a node computes: the operator and its attributes, without the values it reads. One sealed record per operator, one file each.
/// To add one: write the record, add a row to <see cref="OperatorRegistry"/>, an evaluator to the reference interpreter.
/// </summary>
public abstract record Operator
{
    /// <summary>The name in .subp text, lower case with underscores.</summary>
    public abstract string Mnemonic { get; }

    /// <summary>The smallest and the largest number of values the operator reads.</summary>
    public virtual (int Minimum, int Maximum) InputCount => (1, 1);

    /// <summary>The parameters the operator reads, as role (the attribute name in the text) and parameter name.</summary>
    public virtual IReadOnlyList<ParameterUse> Parameters => [];

    /// <summary>The shape of the result.</summary>
    /// <exception cref="Diagnostics.SubpException">The shapes or attributes do not fit; the location is the node.</exception>
    public abstract TensorShape InferShape(ShapeContext context);

    /// <summary>
    /// The type of the result: single-precision numbers from single-precision numbers unless the operator says otherwise, so that an
    /// operator without integer arithmetic refuses bytes by name.
    /// </summary>
    /// <exception cref="Diagnostics.SubpException">The types do not fit; the location is the node.</exception>
    public virtual TensorType InferType(TypeContext context)
    {
        foreach (var use in Parameters)
            context.RequireParameter(use.Name, ElementType.Float32);
        return context.AllFloat();
    }

    /// <summary>
    /// Writes the attributes that differ from their defaults, in the fixed order of the text form; parameters are not attributes.
    /// </summary>
    public virtual void WriteAttributes(IAttributeWriter writer) { }

    /// <summary>The same operator with parameters renamed; a role that is absent from the function's answer keeps its name.</summary>
    public virtual Operator WithParameters(Func<ParameterUse, string> rename) => this;
}

/// <summary>One parameter an operator reads.</summary>
/// <param name="Role">What the operator uses it for, for example <c>weight</c>; the key in the text form.</param>
/// <param name="Name">The name of the parameter.</param>
public readonly record struct ParameterUse(string Role, string Name)
{
    // A parameter that is always there, and those of the others that are.
    internal static IReadOnlyList<ParameterUse> Present(ParameterUse first, params (string Role, string? Name)[] others) =>
        [first, .. others.Where(other => other.Name is not null).Select(other => new ParameterUse(other.Role, other.Name!))];
}
