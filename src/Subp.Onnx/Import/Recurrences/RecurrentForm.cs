using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Onnx.Import.Recurrences;

/// <summary>
/// The attributes of an LSTM, GRU or RNN and its extents, checked: everything that is not one of the three layers as frameworks write them
/// is refused by name.
/// </summary>
/// <param name="Kind">The layer.</param>
/// <param name="Directions">For each direction whether it is the reverse one.</param>
/// <param name="Steps">The steps.</param>
/// <param name="Batch">The sequences.</param>
/// <param name="Hidden">The hidden units of a direction.</param>
/// <param name="Features">The features of a step.</param>
/// <param name="IsBatchFirst">Whether the batch is the first dimension of everything, before steps and directions.</param>
/// <param name="ResetsProduct">GRU: linear_before_reset.</param>
/// <param name="AreRelu">RNN: for each direction whether its function is Relu.</param>
internal sealed record RecurrentForm(
    RecurrenceKind Kind,
    bool[] Directions,
    int Steps,
    int Batch,
    int Hidden,
    int Features,
    bool IsBatchFirst,
    bool ResetsProduct,
    bool[] AreRelu
)
{
    private const string Advice = "Export the layer as the framework defines it, or cut the network in front of it with --outputs NAME.";

    // Without a bias for each gate, both in W and in R: 2 * gates * hidden.
    private const int BiasParts = 2;

    /// <summary>The gates, candidates included.</summary>
    public int Gates =>
        Kind switch
        {
            RecurrenceKind.Lstm => 4,
            RecurrenceKind.Gru => 3,
            _ => 1,
        };

    /// <summary>The floats of all gates of a direction.</summary>
    public int Columns => Gates * Hidden;

    /// <summary>Reads a node of the operator that a kind stands for.</summary>
    /// <param name="node">The node.</param>
    /// <param name="kind">The kind.</param>
    /// <param name="shape">The shape of the first input.</param>
    /// <exception cref="Core.Diagnostics.SubpException">It has a form that is not supported, or shapes that do not fit.</exception>
    public static RecurrentForm Read(NodeContext node, RecurrenceKind kind, TensorShape shape)
    {
        if (shape.Rank != 3)
            throw node.Unsupported($"an input of shape {shape}", "[steps, batch, features]");
        bool[] directions = node.Attributes.Text("direction", "forward") switch
        {
            "forward" => [false],
            "reverse" => [true],
            "bidirectional" => [false, true],
            var direction => throw node.Attributes.Invalid($"direction = {direction}", "forward, reverse or bidirectional"),
        };
        var isBatchFirst = node.Attributes.Switch("layout", false);
        var recurrent = node.Constant(2, "recurrent weight R").Dimensions;
        var form = new RecurrentForm(
            kind,
            directions,
            shape[isBatchFirst ? 1 : 0],
            shape[isBatchFirst ? 0 : 1],
            recurrent.Count == 3 ? recurrent[2] : 0,
            shape[2],
            isBatchFirst,
            kind == RecurrenceKind.Gru && node.Attributes.Switch("linear_before_reset", false),
            [.. Functions(node, kind, directions.Length).Select(function => function == "relu")]
        );
        form.RequireShapes(node);
        form.RefuseOther(node);
        return form;
    }

    // The functions of simple layers, one for each direction; of all others those of the definition are required.
    private static string[] Functions(NodeContext node, RecurrenceKind kind, int directions)
    {
        // Numbers of functions that have some, of which none is supported.
        node.Attributes.Ignore("activation_alpha", "activation_beta");
        string[] usual = kind switch
        {
            RecurrenceKind.Lstm => ["Sigmoid", "Tanh", "Tanh"],
            RecurrenceKind.Gru => ["Sigmoid", "Tanh"],
            _ => ["Tanh"],
        };
        string[] expected = [.. Enumerable.Repeat(usual, directions).SelectMany(functions => functions)];
        if (node.Attributes.Texts("activations") is not { Length: > 0 } given)
            return kind == RecurrenceKind.Simple ? Lower(expected) : [];
        var fits =
            kind == RecurrenceKind.Simple
                ? given.Length == directions && Lower(given).All(function => function is "tanh" or "relu")
                : Lower(given).SequenceEqual(Lower(expected));
        if (!fits)
            throw node.Unsupported(
                $"the activations [{string.Join(", ", given)}]",
                kind == RecurrenceKind.Simple
                    ? FormattableString.Invariant($"Tanh or Relu, {directions} of them")
                    : $"[{string.Join(", ", expected)}]",
                Advice
            );
        return kind == RecurrenceKind.Simple ? Lower(given) : [];
    }

    // The standard does not tell capitals from small letters here.
    private static string[] Lower(string[] words) => Array.ConvertAll(words, word => word.ToLowerInvariant());

    private void RequireShapes(NodeContext node)
    {
        // The weight R first: if it fits, it has as many elements as a constant may have, and all products below are small enough.
        Require(node, 2, "recurrent weight R", Directions.Length, (long)Gates * Hidden, Hidden);
        Require(node, 1, "weight W", Directions.Length, Columns, Features);
        if (node.HasInput(3))
            Require(node, 3, "bias B", Directions.Length, (long)BiasParts * Columns);
        var declared = node.Attributes.Integer("hidden_size", Hidden);
        if (declared != Hidden)
            throw node.Attributes.Invalid(
                FormattableString.Invariant($"hidden_size = {declared}"),
                FormattableString.Invariant($"{Hidden}, as the recurrent weight R has it")
            );
    }

    private static void Require(NodeContext node, int index, string role, params long[] expected)
    {
        var found = node.Constant(index, role).Dimensions;
        if (!found.Select(extent => (long)extent).SequenceEqual(expected) || expected.Contains(0))
            throw node.Unsupported($"a {role} of shape [{string.Join(",", found)}]", $"[{string.Join(",", expected)}]");
    }

    private void RefuseOther(NodeContext node)
    {
        // Since opset 7 an output that is named is asked for; before, this said so once more.
        node.Attributes.Ignore("output_sequence");
        if (node.Attributes.Any("clip") is not null)
            throw node.Unsupported("the attribute 'clip'", "no bound on what the gates read", Advice);
        if (Kind == RecurrenceKind.Lstm && node.Attributes.Switch("input_forget", false))
            throw node.Unsupported("input_forget = 1", "input and forget gates of their own", Advice);
        if (node.HasInput(7))
            throw node.Unsupported("peepholes P", "gates that do not read the cells", Advice);
        if (node.OptionalConstant(4, "sequence_lens")?.ToIntegers() is { } lengths && lengths.Any(length => length != Steps))
            throw node.Unsupported(
                $"sequence_lens = [{string.Join(",", lengths)}]",
                FormattableString.Invariant($"sequences of all {Steps} steps"),
                "Export the layer without lengths, and pad or cut sequences before the network runs."
            );
    }
}
