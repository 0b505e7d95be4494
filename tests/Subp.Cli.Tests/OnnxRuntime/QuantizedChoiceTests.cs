using Subp.Core.Interpretation;
using Subp.Onnx.Protos;
using Subp.Onnx.Tests;
using Subp.Tooling.OnnxRuntime;
using DataType = Subp.Onnx.Protos.TensorProto.Types.DataType;

namespace Subp.Cli.Tests.OnnxRuntime;

/// <summary>Operators that return some of the bytes that they read, or where they are, against ONNX Runtime: nothing may differ.</summary>
[Trait("speed", "slow")]
public sealed class QuantizedChoiceTests
{
    // Values q and t of one quantisation, u of another one, and truth values c.
    private static readonly Dictionary<string, Func<OnnxFile, bool, OnnxFile>> s_cases = new(StringComparer.Ordinal)
    {
        ["ArgMax"] = (file, _) => Index(file.Node("ArgMax", "q", "i", OnnxFile.Integer("axis", 3))),
        ["ArgMax of the last"] = (file, _) =>
            Index(file.Node("ArgMax", "q", "i", OnnxFile.Integer("axis", 3), OnnxFile.Integer("select_last_index", 1))),
        ["ArgMin without the axis"] = (file, _) =>
            Index(file.Node("ArgMin", "q", "i", OnnxFile.Integer("axis", -2), OnnxFile.Integer("keepdims", 0))),
        ["ReduceMax"] = (file, _) => Bytes(file.Integers("axes", 2).Node("ReduceMax", "q axes", "r", OnnxFile.Integer("keepdims", 0))),
        ["ReduceMin"] = (file, _) => Bytes(file.Integers("axes", -3).Node("ReduceMin", "q axes", "r")),
        ["QLinearWhere"] = (file, isSigned) => Bytes(file.Microsoft("QLinearWhere", "c q xs xz u us uz xs xz", "r")),
        ["QLinearWhere to another scale"] = (file, isSigned) =>
            file.Microsoft("QLinearWhere", "c q xs xz t xs xz us uz", "r").Node("DequantizeLinear", "r us uz", "y"),
        ["QLinearWhere with a constant"] = (file, isSigned) =>
            Bytes(file.Bytes("k", Type(isSigned), [], 100).Microsoft("QLinearWhere", "c k us uz q xs xz xs xz", "r")),
        ["Where"] = (file, _) => Bytes(file.Node("Where", "c q t", "r")),
        ["Where with a constant"] = (file, isSigned) =>
            Bytes(
                file.Bytes("k", Type(isSigned), [5], isSigned ? [90, 100, -7, 0, 127] : [90, 100, 7, 0, 255]).Node("Where", "c k q", "r")
            ),
        ["Max"] = (file, _) => Bytes(file.Node("Max", "q t", "r")),
        ["Min of three"] = (file, isSigned) => Bytes(file.Bytes("k", Type(isSigned), [], 40).Node("Min", "t q k", "r")),
    };

    public static IEnumerable<object[]> Cases() => s_cases.Keys.SelectMany(name => new object[][] { [name, false], [name, true] });

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_choice_among_bytes_is_that_of_ONNX_Runtime(string name, bool isSigned)
    {
        var file = Stem(isSigned);
        s_cases[name](file, isSigned);
        var library = OnnxRuntimeLibrary.Load(OnnxRuntimePackage.Library);
        using var session = OnnxRuntimeSession.OfBytes(library, "operator", file.ToBytes(), 1, optimise: false);
        var model = file.Import();
        var shape = model.Graph.Inputs[0].Shape;
        var interpreter = new ReferenceInterpreter(model);
        for (var seed = 0; seed < 4; seed++)
        {
            var random = new Random(seed);
            // Few different numbers, so that the greatest is often there twice.
            float[] input = [.. Enumerable.Range(0, shape.ElementCount).Select(_ => random.Next(-6, 7) * 0.7f)];
            var expected = session.Run([new OnnxRuntimeInput(input, shape.Dimensions, IsBytes: false)])[0];
            var found = new float[expected.Length];
            interpreter.Run(input, found);
            Assert.True(found.Distinct().Count() > 2, "the result is nearly constant");
            Assert.Equal(expected, found);
        }
    }

    private static OnnxFile Stem(bool isSigned)
    {
        var file = OnnxFile.Create([1, 4, 6, 5], opset: 18);
        file.Model.OpsetImport.Add(new OperatorSetIdProto { Domain = "com.microsoft", Version = 1 });
        file.Graph.Output[0] = new ValueInfoProto
        {
            Name = "y",
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float } },
        };
        file.Constant("xs", [], 0.03f).Bytes("xz", Type(isSigned), [], 7).Constant("us", [], 0.02f).Bytes("uz", Type(isSigned), [], 50);
        file.Constant("half", [], 0.5f).Node("QuantizeLinear", "x xs xz", "q").Node("Sigmoid", "x", "other");
        file.Node("QuantizeLinear", "other xs xz", "t").Node("QuantizeLinear", "other us uz", "u");
        return file.Node("Cos", "x", "wave").Node("Greater", "wave half", "c");
    }

    private static OnnxFile Bytes(OnnxFile file) => file.Node("DequantizeLinear", "r xs xz", "y");

    private static OnnxFile Index(OnnxFile file) => file.Node("Cast", "i", "y", OnnxFile.Integer("to", (int)DataType.Float));

    private static DataType Type(bool isSigned) => isSigned ? DataType.Int8 : DataType.Uint8;
}
