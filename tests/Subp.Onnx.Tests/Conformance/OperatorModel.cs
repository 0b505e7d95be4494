using Google.Protobuf;
using Subp.Core.Diagnostics;
using Subp.Core.Interpretation;
using Subp.Core.Weights;
using Subp.Onnx.Import;
using Subp.Onnx.Protos;

namespace Subp.Onnx.Tests.Conformance;

/// <summary>
/// One model of the ONNX project's own operator tests: a folder with the model, its inputs and the outputs that the reference gives. The
/// first input stays an input; the others become initialisers, as weights are.
/// </summary>
internal sealed class OperatorModel(string folder)
{
    private const double RelativeTolerance = 1e-3;
    private const double AbsoluteTolerance = 1e-6;

    /// <summary>The name of the folder, with that of the collection in front.</summary>
    public string Name { get; } = $"{Path.GetFileName(Path.GetDirectoryName(folder))}/{Path.GetFileName(folder)}";

    /// <summary>Every model below a folder whose first input is of single precision, in order of the names.</summary>
    public static IReadOnlyList<OperatorModel> All(string root) =>
        [
            .. Directory
                .EnumerateFiles(root, "model.onnx", SearchOption.AllDirectories)
                .Select(file => Path.GetDirectoryName(file)!)
                .Order(StringComparer.Ordinal)
                .Select(folder => new OperatorModel(folder))
                .Where(model => model.HasFloatInput()),
        ];

    /// <summary>Imports the model and computes it with the reference interpreter.</summary>
    public Outcome Run() =>
        Run((model, inputs) => [new Computation("", new ReferenceInterpreter(model).RunAll(inputs), RelativeTolerance, AbsoluteTolerance)]);

    /// <summary>Imports and computes the model: passed, the diagnostic of a refusal, or what went wrong.</summary>
    /// <param name="compute">Computes the outputs of a network from its inputs, in one way or several.</param>
    public Outcome Run(Func<Model, IReadOnlyDictionary<string, float[]>, IEnumerable<Computation>> compute)
    {
        try
        {
            var model = Read();
            var graph = model.Graph;
            var given = Tensors("input_");
            var names = graph.Input.Select(input => input.Name).ToArray();
            for (var index = 1; index < given.Count; index++)
            {
                // A tensor without a name for an optional input that is not there.
                var tensor = given[index].Clone();
                tensor.Name = names[index];
                graph.Initializer.Add(tensor);
            }

            var bytes = model.ToByteArray();
            var imported = OnnxImporter.Import(bytes, "model.onnx");
            var inputs = imported.Graph.Inputs.ToDictionary(input => input.Name, _ => Numbers(given[0]));
            var expected = Tensors("output_");
            // The outputs of bfloat16 are recorded as their bits.
            for (var index = 0; index < expected.Count; index++)
            {
                if (graph.Output[index].Type?.TensorType?.ElemType == (int)TensorProto.Types.DataType.Bfloat16)
                    expected[index].DataType = (int)TensorProto.Types.DataType.Bfloat16;
            }

            foreach (var computation in compute(imported, inputs))
            {
                if (Difference(imported.Graph.Outputs, computation, expected) is { } difference)
                    return new Outcome(Verdict.Wrong, computation.How + difference);
            }

            return new Outcome(Verdict.Passed, "");
        }
        catch (SubpException refusal)
        {
            return new Outcome(Verdict.Refused, $"{refusal.Diagnostic.Descriptor.Id} {refusal.Diagnostic.Found}");
        }
        catch (Exception failure)
        {
            return new Outcome(Verdict.Crashed, failure.ToString());
        }
    }

    // Null where there is none.
    private static string? Difference(IReadOnlyList<string> names, Computation computation, IReadOnlyList<TensorProto> expected)
    {
        for (var index = 0; index < Math.Min(names.Count, expected.Count); index++)
        {
            var (found, wanted) = (computation.Outputs[names[index]], Numbers(expected[index]));
            if (found.Length != wanted.Length)
                return $"{found.Length} elements instead of {wanted.Length}";
            // A quotient that is a half but for its last digit is rounded up or down with the digits that are kept: a byte may be one off.
            var step = expected[index].DataType == (int)TensorProto.Types.DataType.Uint8 ? 1 : 0;
            for (var element = 0; element < found.Length; element++)
            {
                if (Math.Abs(found[element] - wanted[element]) > step && !IsNear(found[element], wanted[element], computation))
                    return FormattableString.Invariant($"output {index}, element {element}: {found[element]} instead of {wanted[element]}");
            }
        }

        return null;
    }

    private static bool IsNear(double found, double wanted, Computation computation) =>
        found.Equals(wanted)
        || (double.IsNaN(found) && double.IsNaN(wanted))
        || Math.Abs(found - wanted) <= computation.AbsoluteTolerance + (computation.RelativeTolerance * Math.Abs(wanted));

    private bool HasFloatInput()
    {
        var model = Read();
        return model.Graph.Input.Count > 0
            && model.Graph.Input[0].Type?.TensorType?.ElemType == (int)TensorProto.Types.DataType.Float
            && File.Exists(Path.Combine(folder, "test_data_set_0", "input_0.pb"));
    }

    private ModelProto Read() => ModelProto.Parser.ParseFrom(File.ReadAllBytes(Path.Combine(folder, "model.onnx")));

    private List<TensorProto> Tensors(string prefix)
    {
        var tensors = new List<TensorProto>();
        for (var index = 0; ; index++)
        {
            var path = Path.Combine(folder, "test_data_set_0", FormattableString.Invariant($"{prefix}{index}.pb"));
            if (!File.Exists(path))
                return tensors;
            tensors.Add(TensorProto.Parser.ParseFrom(File.ReadAllBytes(path)));
        }
    }

    private static float[] Numbers(TensorProto tensor)
    {
        var constant = ConstantTensor.Create(tensor.Name, tensor, new ExternalData(null));
        return constant.ToNumbers();
    }
}

/// <summary>What became of a model.</summary>
internal enum Verdict
{
    /// <summary>It imports and its outputs are right.</summary>
    Passed,

    /// <summary>The import ends with a diagnostic.</summary>
    Refused,

    /// <summary>An output is wrong.</summary>
    Wrong,

    /// <summary>Something else than a diagnostic was thrown.</summary>
    Crashed,
}

/// <summary>What became of a model, and the words for it.</summary>
internal sealed record Outcome(Verdict Verdict, string Detail);

/// <summary>What was computed in one way.</summary>
/// <param name="How">The way, as the beginning of a message.</param>
/// <param name="Outputs">The outputs by their names.</param>
/// <param name="RelativeTolerance">The difference that each element may have, relative to it.</param>
/// <param name="AbsoluteTolerance">The difference that it may have besides.</param>
internal sealed record Computation(
    string How,
    IReadOnlyDictionary<string, double[]> Outputs,
    double RelativeTolerance,
    double AbsoluteTolerance
);
