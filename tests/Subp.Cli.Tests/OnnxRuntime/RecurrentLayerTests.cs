using System.Globalization;
using Google.Protobuf;
using Subp.Core.Interpretation;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Onnx;
using Subp.Onnx.Protos;
using Subp.Onnx.Tests;
using Subp.Tooling.OnnxRuntime;

namespace Subp.Cli.Tests.OnnxRuntime;

/// <summary>
/// LSTM, GRU and RNN in every form that is read give what ONNX Runtime gives: from the file as it is read, and as it is written again.
/// </summary>
public sealed class RecurrentLayerTests
{
    private const int Steps = 5,
        Batch = 2,
        Features = 7,
        Hidden = 6;

    public static TheoryData<string> Layers { get; } =
    [
        .. from layer in (string[])["LSTM", "GRU", "GRU product", "RNN", "RNN relu"]
        from direction in (string[])["forward", "reverse", "bidirectional"]
        from rest in (string[])["", "bias", "zeros", "bias constant", "bias computed"]
        select $"{layer} {direction} {rest}".TrimEnd(),
        "LSTM bidirectional bias computed only-h",
        "LSTM forward constant only-c",
        "LSTM bidirectional bias lengths",
        "GRU reverse bias lengths words",
    ];

    [Theory]
    [MemberData(nameof(Layers))]
    public void Every_output_is_that_of_ONNX_Runtime(string form)
    {
        var hasCells = form.StartsWith("LSTM", StringComparison.Ordinal);
        Agree(Of(form, "y h" + (hasCells ? " c" : "")), hasCells ? "y h c" : "y h");
    }

    [Theory]
    [InlineData("LSTM", "y")]
    [InlineData("LSTM", "h")]
    [InlineData("LSTM", "c")]
    [InlineData("LSTM", "y c")]
    [InlineData("LSTM", "h c")]
    [InlineData("GRU", "h")]
    [InlineData("RNN", "y")]
    public void Outputs_that_nobody_reads_are_left_out(string layer, string read)
    {
        string[] all = layer == "LSTM" ? ["y", "h", "c"] : ["y", "h"];
        string[] wanted = read.Split(' ');
        // Not named at all, and named but not read, as PyTorch writes it.
        foreach (var names in (string[])[string.Join(' ', all.Select(name => wanted.Contains(name) ? name : "-")), string.Join(' ', all)])
        {
            var model = Agree(Of($"{layer} bidirectional bias", names), read);
            var recurrences = model.Graph.Nodes.Select(node => node.Operator).OfType<Recurrence>().ToArray();
            Assert.Equal(2, recurrences.Length);
            Assert.All(recurrences, recurrence => Assert.Equal(wanted.Contains("c"), recurrence.KeepsCell));
        }
    }

    [Theory]
    [InlineData("LSTM", "forward")]
    [InlineData("LSTM", "bidirectional")]
    [InlineData("GRU", "bidirectional")]
    [InlineData("RNN", "reverse")]
    public void A_batch_in_front_is_the_same_between_transposes(string layer, string direction)
    {
        // ONNX Runtime does not run layout 1, so it runs the layer between the transposes that layout 1 stands for.
        var names = layer == "LSTM" ? "y h c" : "y h";
        var inner = names.Replace(" ", "1 ", StringComparison.Ordinal) + "1";
        var steps = Weights(Create([Batch, Steps, Features]), $"{layer} {direction} bias constant", Steps, isBatchFirst: false);
        steps.Node("Transpose", "x", "steps", OnnxFile.List("perm", 1, 0, 2));
        Layer(steps, $"{layer} {direction} bias constant", "steps", inner);
        steps.Node("Transpose", "y1", "y", OnnxFile.List("perm", 2, 0, 1, 3));
        foreach (var name in names.Split(' ').Skip(1))
            steps.Node("Transpose", $"{name}1", name, OnnxFile.List("perm", 1, 0, 2));
        var batches = Weights(Create([Batch, Steps, Features]), $"{layer} {direction} bias constant", Steps, isBatchFirst: true);
        Layer(batches, $"{layer} {direction} bias constant", "x", names);
        batches.Graph.Node[^1].Attribute.Add(OnnxFile.Integer("layout", 1));

        Outputs(steps, names);
        Outputs(batches, names);
        var input = Input(Batch * Steps * Features);
        Near(Run(steps.ToBytes(), input, [Batch, Steps, Features], names), Interpreted(batches.Import(), input));
    }

    [Fact]
    public void The_transpose_behind_a_bidirectional_layer_of_PyTorch_moves_nothing()
    {
        var file = Of("LSTM bidirectional bias zeros", "both h c");
        file.Node("Transpose", "both", "turned", OnnxFile.List("perm", 0, 2, 1, 3)).Integers("joined", 0, 0, -1);
        file.Node("Reshape", "turned joined", "y");
        var model = Agree(file, "y");
        Assert.Equal(["linear", "lstm", "linear", "lstm", "concat"], model.Graph.Nodes.Select(node => node.Operator.Mnemonic).ToArray());
    }

    private static Model Agree(OnnxFile file, string outputs)
    {
        Outputs(file, outputs);
        var model = file.Import();
        int[] shape = [Steps, Batch, Features];
        var input = Input(Steps * Batch * Features);
        var expected = Run(file.ToBytes(), input, shape, outputs);
        Near(expected, Interpreted(model, input));
        var written = OnnxExporter.Export(model);
        Near(expected, Run(written, input, shape, outputs));
        Near(expected, Interpreted(OnnxImporter.Import(written, "again.onnx"), input));
        return model;
    }

    private static OnnxFile Of(string form, string outputs)
    {
        var file = Create([Steps, Batch, Features]);
        return Layer(Weights(file, form, Steps, isBatchFirst: false), form, "x", outputs);
    }

    private static OnnxFile Create(int[] shape) => OnnxFile.Create(shape, opset: 14);

    private static OnnxFile Weights(OnnxFile file, string form, int steps, bool isBatchFirst)
    {
        var (gates, directions) = (Gates(form), Has(form, "bidirectional") ? 2 : 1);
        file.Weight("w", directions, gates * Hidden, Features).Weight("rr", directions, gates * Hidden, Hidden);
        file.Weight("bbb", directions, 2 * gates * Hidden);
        int[] state = isBatchFirst ? [Batch, directions, Hidden] : [directions, Batch, Hidden];
        foreach (var name in (string[])["constant.h", "constant..c"])
            file.Constant(name, state, [.. Enumerable.Range(0, directions * Batch * Hidden).Select(State)]);
        file.Constant("zeros", state, new float[directions * Batch * Hidden]);
        return file.Words("lengths", [.. Enumerable.Repeat(steps, Batch)]);

        // The same number for the same direction, sequence and unit, whichever comes first.
        float State(int index)
        {
            var (outer, inner, unit) = (index / Hidden / state[1], index / Hidden % state[1], index % Hidden);
            var (direction, sequence) = isBatchFirst ? (inner, outer) : (outer, inner);
            return (float)Math.Sin((7 * direction) + (3 * sequence) + unit);
        }
    }

    // First states come out of the input where they are computed.
    private static OnnxFile Layer(OnnxFile file, string form, string input, string outputs)
    {
        var directions = Has(form, "bidirectional") ? 2 : 1;
        if (Has(form, "computed"))
            file.Integers("from", 1, 0)
                .Integers("to", 1 + directions, Hidden)
                .Integers("axes", 0, 2)
                .Node("Slice", $"{input} from to axes", "computed.h")
                .Node("Neg", "computed.h", "computed.c");
        file.Node(form.Split(' ')[0], "-", outputs, OnnxFile.Integer("hidden_size", Hidden));
        var node = file.Graph.Node[^1];
        var first =
            Has(form, "zeros") ? ("zeros", "zeros")
            : Has(form, "constant") ? ("constant.h", "constant..c")
            : Has(form, "computed") ? ("computed.h", "computed.c")
            : ("", "");
        string[] inputs =
        [
            input,
            "w",
            "rr",
            Has(form, "bias") ? "bbb" : "",
            Has(form, "lengths") ? "lengths" : "",
            Has(form, "only-c") ? "" : first.Item1,
            .. node.OpType == "LSTM" ? (string[])[Has(form, "only-h") ? "" : first.Item2] : [],
        ];
        node.Input.Clear();
        node.Input.Add(inputs);
        foreach (var direction in (string[])["reverse", "bidirectional"])
        {
            if (Has(form, direction))
                node.Attribute.Add(OnnxFile.Text("direction", direction));
        }

        if (Has(form, "product"))
            node.Attribute.Add(OnnxFile.Integer("linear_before_reset", 1));
        if (Has(form, "relu"))
            node.Attribute.Add(Texts("activations", [.. Enumerable.Repeat("Relu", directions)]));
        if (Has(form, "words"))
            node.Attribute.Add(Texts("activations", ["sigmoid", "TANH"]));
        return file;
    }

    private static AttributeProto Texts(string name, string[] words) =>
        new()
        {
            Name = name,
            Type = AttributeProto.Types.AttributeType.Strings,
            Strings = { words.Select(ByteString.CopyFromUtf8) },
        };

    private static int Gates(string form) =>
        form[0] switch
        {
            'L' => 4,
            'G' => 3,
            _ => 1,
        };

    private static bool Has(string form, string word) => form.Split(' ').Contains(word);

    private static void Outputs(OnnxFile file, string names)
    {
        file.Graph.Output.Clear();
        foreach (var name in names.Split(' '))
        {
            file.Graph.Output.Add(OnnxFile.Value(name));
            file.Graph.Output[^1].Type.TensorType.Shape = null;
        }
    }

    private static float[] Input(int count) =>
        [.. Enumerable.Range(0, count).Select(index => (float)Math.Cos((index * 0.7) + (index % 5)))];

    private static float[][] Run(byte[] file, float[] input, int[] shape, string outputs)
    {
        var library = OnnxRuntimeLibrary.Load(OnnxRuntimePackage.Library);
        using var session = OnnxRuntimeSession.OfBytes(library, "recurrent", file, 1);
        var results = session.Run(input, shape);
        return [.. outputs.Split(' ').Select(name => results[session.OutputNames.ToList().IndexOf(name)])];
    }

    private static float[][] Interpreted(Model model, float[] input)
    {
        var inputs = new Dictionary<string, float[]>(StringComparer.Ordinal) { ["x"] = input };
        var values = new ReferenceInterpreter(model).RunAll(inputs);
        return [.. model.Graph.Outputs.Select(name => Array.ConvertAll(values[name], value => (float)value))];
    }

    private static void Near(float[][] expected, float[][] found)
    {
        Assert.Equal(expected.Length, found.Length);
        for (var output = 0; output < found.Length; output++)
        {
            Assert.Equal(expected[output].Length, found[output].Length);
            var largest = expected[output].Max(Math.Abs);
            Assert.True(largest > 0.01, "The outputs are too small to prove anything.");
            for (var index = 0; index < found[output].Length; index++)
                Assert.True(
                    Math.Abs(expected[output][index] - found[output][index]) <= 1e-5 * Math.Max(1, largest),
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"output {output}, element {index}: {found[output][index]} for {expected[output][index]}"
                    )
                );
        }
    }
}
