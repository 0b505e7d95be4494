using Google.Protobuf;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Weights;
using Subp.Onnx.Export;
using Subp.Onnx.Protos;

namespace Subp.Onnx;

/// <summary>
/// Writes networks as ONNX files: pruned weights with their zeros, fused operators taken apart, names kept. The same model gives the same
/// bytes.
/// </summary>
public static class OnnxExporter
{
    /// <summary>The version of the standard operators that is written.</summary>
    public const int Opset = 17;

    /// <summary>The version of the file format that is written; the one that came with opset 17.</summary>
    public const int IrVersion = 8;

    /// <summary>The name of this product in exported files.</summary>
    public const string ProducerName = "subp";

    /// <summary>The bytes of an ONNX file.</summary>
    /// <exception cref="SubpException">A weight is missing or has the wrong shape, or the file would be larger than protobuf
    /// allows.</exception>
    public static byte[] Export(Model model) => Proto(model).ToByteArray();

    /// <summary>Writes an ONNX file to a stream, without a copy of the weights in memory.</summary>
    /// <exception cref="SubpException">A weight is missing or has the wrong shape, or the file would be larger than protobuf
    /// allows.</exception>
    public static void Export(Model model, Stream output) => Proto(model).WriteTo(output);

    private static ModelProto Proto(Model model)
    {
        var graph = model.Graph;
        GraphVerifier.Verify(graph);
        CheckWeights(model);
        (graph, var integers) = QuantizedGraph.Expand(model);
        var writer = new GraphWriter(graph);
        foreach (var parameter in graph.Parameters)
        {
            var stored = integers.GetValueOrDefault(parameter.Name);
            writer.Initialiser(parameter.Name, model.Weights[stored?.Source ?? parameter.Name], stored);
        }

        foreach (var node in graph.Nodes)
            OperatorWriters.Write(writer, node);

        var proto = new ModelProto
        {
            IrVersion = IrVersion,
            ProducerName = ProducerName,
            ProducerVersion = typeof(OnnxExporter).Assembly.GetName().Version!.ToString(3),
            Graph = writer.Finish(),
            OpsetImport = { new OperatorSetIdProto { Version = Opset } },
        };
        ModelMetadataText.Write(graph.Metadata, proto.MetadataProps);
        return proto;
    }

    private static void CheckWeights(Model model)
    {
        // Names, attributes and shapes take little beside the weights; a sixteenth of the limit is left for them.
        const long LargestWeights = int.MaxValue / 16L * 15;
        var bytes = 0L;
        foreach (var parameter in model.Graph.Parameters)
        {
            _ = model.Weights.Require(parameter);
            bytes += (long)parameter.Shape.ElementCount * ElementTypes.SizeOf(parameter.Element);
        }

        if (bytes > LargestWeights)
            throw new SubpException(
                DiagnosticDescriptors.TooLarge,
                $"graph '{model.Graph.Name}'",
                FormattableString.Invariant($"{bytes} bytes of weights"),
                FormattableString.Invariant($"at most {LargestWeights}")
            );
    }
}
