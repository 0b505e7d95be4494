using Subp.Core.Graphs;

namespace Subp.Core.Operators;

/// <summary>
/// The recurrence of an LSTM, a GRU or a simple recurrent layer in one direction. The first input holds, for every step and every sequence
/// of the batch, what comes from outside, [steps, batch, gates * hidden]: a <see cref="Linear"/> over all steps, bias included. Each step
/// adds the products of the state before it with the recurrent weight [gates * hidden, hidden]. The result holds the states of all steps,
/// [steps, batch, hidden], in the order of the input in both directions. Without further inputs states begin with zeros.
/// </summary>
/// <remarks>
/// The gates lie in the order of ONNX. LSTM: input i, output o, forget f, candidate g; c = f * c + i * g, h = o * tanh(c). GRU: update z,
/// reset r, candidate n; h = (1 - z) * n + z * h. All gates are sigmoids, candidates are hyperbolic tangents.
/// </remarks>
public sealed record Recurrence : Operator
{
    private static readonly string[] Words = ["lstm", "gru", "rnn"];

    /// <summary>Which layer it is.</summary>
    public required RecurrenceKind Kind { get; init; }

    /// <summary>The name of the recurrent weight, [gates * hidden, hidden].</summary>
    public required string Weight { get; init; }

    /// <summary>
    /// GRU with <see cref="ResetsProduct"/> only: the name of what is added to the product of the candidate before it is reset, [hidden];
    /// null for nothing.
    /// </summary>
    public string? Bias { get; init; }

    /// <summary>True where the last step comes first.</summary>
    public bool IsReverse { get; init; }

    /// <summary>
    /// GRU only: true where the reset gate multiplies the product of state and weight, false where it multiplies the state before.
    /// </summary>
    public bool ResetsProduct { get; init; }

    /// <summary>Simple recurrent layers only: true for max(x, 0) in the place of the hyperbolic tangent.</summary>
    public bool IsRelu { get; init; }

    /// <summary>
    /// LSTM only: true where the result has one step more, at its end, that holds the cells after the step that was computed last.
    /// </summary>
    public bool KeepsCell { get; init; }

    /// <summary>The number of gates, candidates included: rows of the weight for each hidden unit.</summary>
    public int Gates =>
        Kind switch
        {
            RecurrenceKind.Lstm => 4,
            RecurrenceKind.Gru => 3,
            _ => 1,
        };

    /// <inheritdoc/>
    public override string Mnemonic => Words[(int)Kind];

    /// <summary>The projected input; then, if any, the first state, [batch, hidden], and of an LSTM the first cells as well.</summary>
    public override (int Minimum, int Maximum) InputCount => (1, Kind == RecurrenceKind.Lstm ? 3 : 2);

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterUse> Parameters => ParameterUse.Present(new("recurrent", Weight), ("recurrent_bias", Bias));

    /// <inheritdoc/>
    public override TensorShape InferShape(ShapeContext context)
    {
        var (input, weight) = (context.Inputs[0], context.Parameter(Weight).Shape);
        if (weight.Rank != 2 || weight[0] != (long)Gates * weight[1])
            throw context.Error(
                $"the recurrent weight '{Weight}' of shape {weight}",
                FormattableString.Invariant($"[{Gates} * hidden, hidden]")
            );
        if (input.Rank != 3 || input[2] != weight[0])
            throw context.Error($"an input of shape {input}", FormattableString.Invariant($"[steps, batch, {weight[0]}]"));
        RequireForm(context);
        if (Bias is not null)
            context.RequireParameter(Bias, new TensorShape(weight[1]));
        if (Kind == RecurrenceKind.Lstm && context.Inputs.Count == 2)
            throw context.Error("a first state without first cells", "both, or neither");
        var state = new TensorShape(input[1], weight[1]);
        if (context.Inputs.Skip(1).FirstOrDefault(shape => !shape.Equals(state)) is { } found)
            throw context.Error($"a first state of shape {found}", $"{state}");
        return new TensorShape(KeepsCell ? checked(input[0] + 1) : input[0], input[1], weight[1]);
    }

    /// <inheritdoc/>
    public override void WriteAttributes(IAttributeWriter writer)
    {
        if (IsReverse)
            writer.Write("reverse", 1);
        if (KeepsCell)
            writer.Write("keep_cell", 1);
        if (ResetsProduct)
            writer.Write("reset_product", 1);
        if (IsRelu)
            writer.Write("relu", 1);
    }

    /// <inheritdoc/>
    public override Operator WithParameters(Func<ParameterUse, string> rename) =>
        this with
        {
            Weight = rename(new("recurrent", Weight)),
            Bias = Bias is null ? null : rename(new("recurrent_bias", Bias)),
        };

    internal static IEnumerable<KeyValuePair<string, Func<IAttributeReader, Operator>>> Readers =>
        Words.Select((word, kind) => new KeyValuePair<string, Func<IAttributeReader, Operator>>(word, Reader((RecurrenceKind)kind)));

    // What one of the layers has, the others refuse.
    private void RequireForm(ShapeContext context)
    {
        if (KeepsCell && Kind != RecurrenceKind.Lstm)
            throw context.Error($"keep_cell=1 of {Mnemonic}", "an lstm, which alone has cells");
        if (ResetsProduct && Kind != RecurrenceKind.Gru)
            throw context.Error($"reset_product=1 of {Mnemonic}", "a gru, which alone resets anything");
        if (IsRelu && Kind != RecurrenceKind.Simple)
            throw context.Error($"relu=1 of {Mnemonic}", "an rnn");
        if (Bias is not null && !ResetsProduct)
            throw context.Error($"the recurrent bias '{Bias}'", "a gru with reset_product=1; every other bias belongs to the input");
    }

    private static Func<IAttributeReader, Operator> Reader(RecurrenceKind kind) =>
        reader => new Recurrence
        {
            Kind = kind,
            Weight = reader.Parameter("recurrent"),
            Bias = reader.OptionalParameter("recurrent_bias"),
            IsReverse = reader.Integer("reverse", 0) != 0,
            KeepsCell = reader.Integer("keep_cell", 0) != 0,
            ResetsProduct = reader.Integer("reset_product", 0) != 0,
            IsRelu = reader.Integer("relu", 0) != 0,
        };
}

/// <summary>The recurrent layers.</summary>
public enum RecurrenceKind
{
    /// <summary>Long short-term memory: four gates and cells beside the state.</summary>
    Lstm,

    /// <summary>Gated recurrent units: three gates.</summary>
    Gru,

    /// <summary>A simple recurrent layer: one function of input and state.</summary>
    Simple,
}
