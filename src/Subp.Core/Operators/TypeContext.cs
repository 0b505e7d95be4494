using Subp.Core.Diagnostics;
using Subp.Core.Graphs;

namespace Subp.Core.Operators;

/// <summary>What type inference of one node may look at, and how it complains.</summary>
/// <param name="node">The name of the node, for messages.</param>
/// <param name="mnemonic">The name of the operator, for messages.</param>
/// <param name="inputs">The types of the inputs.</param>
/// <param name="shapes">The shapes of the inputs.</param>
/// <param name="declared">The type that the node declares for its result, or null where it leaves that to the operator.</param>
/// <param name="findParameter">The declarations of parameters.</param>
public sealed class TypeContext(
    string node,
    string mnemonic,
    IReadOnlyList<TensorType> inputs,
    IReadOnlyList<TensorShape> shapes,
    TensorType? declared,
    Func<string, Parameter?> findParameter
)
{
    /// <summary>The types of the inputs.</summary>
    public IReadOnlyList<TensorType> Inputs { get; } = inputs;

    /// <summary>True where the first input holds bytes.</summary>
    public bool IsQuantized => Inputs.Count > 0 && Inputs[0].Quantization is not null;

    /// <summary>The type that the node declares for its result, or null.</summary>
    public TensorType? Declared { get; } = declared;

    /// <summary>The declaration of a parameter; shape inference has found it before.</summary>
    public Parameter Parameter(string name) => findParameter(name) ?? throw new KeyNotFoundException($"No parameter '{name}'.");

    /// <summary>Requires all inputs to be single-precision numbers, which the result is then as well.</summary>
    /// <exception cref="SubpException">SUBP0231: an input holds bytes.</exception>
    public TensorType AllFloat()
    {
        foreach (var input in Inputs)
        {
            if (input.Quantization is not null)
                throw Error($"an input of type {input}", "f32", "Put a 'dequantize' before the node and a 'quantize' behind it.");
        }

        return TensorType.Float32;
    }

    /// <summary>The type of the first input, for operators that move elements and compute nothing; all inputs must agree.</summary>
    /// <exception cref="SubpException">SUBP0231: the inputs differ.</exception>
    public TensorType SameAsInput()
    {
        foreach (var input in Inputs)
        {
            if (input != Inputs[0])
                throw Error($"inputs of the types {Inputs[0]} and {input}", "equal types");
        }

        return Inputs[0];
    }

    /// <summary>
    /// Single-precision numbers from single-precision numbers, or bytes of the declared quantisation from bytes: for operators that compute
    /// on both.
    /// </summary>
    /// <exception cref="SubpException">SUBP0231: some inputs hold bytes and others do not, or the result declares none.</exception>
    public TensorType Requantized()
    {
        if (!IsQuantized)
            return AllFloat();
        foreach (var input in Inputs)
        {
            if (input.Quantization is null)
                throw Error($"inputs of the types {Inputs[0]} and {input}", "bytes in all of them, or in none");
        }

        return DeclaredBytes();
    }

    /// <summary><see cref="Requantized"/> of an operator with an activation, which on bytes must be a clamp.</summary>
    /// <exception cref="SubpException">SUBP0231: the types do not fit, or bytes would go through another function.</exception>
    public TensorType Clamped(Activation activation)
    {
        if (IsQuantized && !activation.IsClamp)
            throw Error($"the activation {activation} on bytes", "a clamp", "Put the activation into a node of its own.");
        return Requantized();
    }

    /// <summary>
    /// <see cref="Clamped"/> of a layer with weights, which may also return the floats that its sums of bytes stand for, without rounding
    /// them to bytes; with a residual it may not.
    /// </summary>
    /// <exception cref="SubpException">SUBP0231: the types do not fit.</exception>
    public TensorType LayerResult(Activation activation)
    {
        var isFloat = IsQuantized && Inputs.Count == 1 && activation.IsClamp && Declared == TensorType.Float32;
        return isFloat ? TensorType.Float32 : Clamped(activation);
    }

    /// <summary>The declared type, which must be bytes with a quantisation.</summary>
    /// <exception cref="SubpException">SUBP0231: it is not.</exception>
    public TensorType DeclaredBytes() =>
        Declared?.Quantization is not null
            ? Declared
            : throw Error(Declared is null ? "no type for a result of bytes" : $"a result of type {Declared}", "u8(scale,zero point)");

    /// <summary>Requires a parameter to hold elements of a type.</summary>
    /// <exception cref="SubpException">SUBP0231: it holds others.</exception>
    public void RequireParameter(string name, ElementType expected)
    {
        var found = Parameter(name).Element;
        if (found != expected)
            throw Error($"the parameter '{name}' of type {ElementTypes.Word(found)}", ElementTypes.Word(expected));
    }

    /// <summary>
    /// Requires weight, scales and bias of a layer to fit the type of its input: signed bytes, a float scale and a 32-bit integer bias for
    /// bytes, floats and no scales otherwise. Requires the sums of bytes to fit into 32 bits as well.
    /// </summary>
    /// <param name="weight">The name of the weight.</param>
    /// <param name="scale">The name of the scales, or null.</param>
    /// <param name="bias">The name of the bias, or null.</param>
    /// <exception cref="SubpException">SUBP0231: a type does not fit. SUBP0232: the sums could overflow.</exception>
    public void RequireLayer(string weight, string? scale, string? bias)
    {
        RequireParameter(weight, IsQuantized ? ElementType.Int8 : ElementType.Float32);
        if (bias is not null)
            RequireParameter(bias, IsQuantized ? ElementType.Int32 : ElementType.Float32);
        if (IsQuantized != scale is not null)
            throw Error(
                scale is null ? $"an input of type {Inputs[0]} and no weight_scale" : $"an input of type {Inputs[0]} and a weight_scale",
                scale is null ? "weight_scale= and the scales of the output channels" : "no weight_scale"
            );
        if (scale is not null)
        {
            RequireParameter(scale, ElementType.Float32);
            var summands = IntegerLayer.SummandsOf(Parameter(weight));
            if (summands > IntegerLayer.MostSummands)
                throw Overflow(FormattableString.Invariant($"sums of {summands} products"), IntegerLayer.MostSummands);
        }
    }

    /// <summary><see cref="Requantized"/> of an operator that may take means of bytes, whose sums have to fit into 32 bits.</summary>
    /// <param name="operator">The operator.</param>
    /// <exception cref="SubpException">SUBP0231: the types do not fit. SUBP0232: the sums could overflow.</exception>
    public TensorType Averaged(Operator @operator)
    {
        var type = Requantized();
        return IsQuantized && IntegerLayer.AveragedBy(@operator, shapes[0]) is > IntegerLayer.MostAveraged and var count
            ? throw Overflow(FormattableString.Invariant($"sums of {count} bytes"), IntegerLayer.MostAveraged)
            : type;
    }

    private SubpException Overflow(string found, int most) =>
        new(
            DiagnosticDescriptors.AccumulatorOverflow,
            $"node '{node}'",
            found,
            FormattableString.Invariant($"at most {most}, so that 32 bits hold every sum"),
            "Leave the layer float (subp quantize --float), or split it."
        );

    /// <summary>The exception for types that do not fit.</summary>
    public SubpException Error(string found, string expected, string action = "") =>
        new(DiagnosticDescriptors.TypeMismatch, $"node '{node}' ({mnemonic})", found, expected, action);
}
