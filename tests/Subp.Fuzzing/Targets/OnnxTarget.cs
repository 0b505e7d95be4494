using Subp.Compiler;
using Subp.Core.Graphs;
using Subp.Core.Weights;
using Subp.Fuzzing.Mutations;
using Subp.Onnx;
using Subp.Testing;

namespace Subp.Fuzzing.Targets;

/// <summary>
/// The ONNX importer. What it accepts must be a verified graph with all its weights, which packs and can be written as a bundle.
/// </summary>
public sealed class OnnxTarget : FuzzTarget
{
    private const int RandomNetworks = 8;

    /// <inheritdoc/>
    public override string Name => "onnx";

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Samples { get; } =
    [
        .. Directory
            .EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "samples"), "*.onnx")
            .Order(StringComparer.Ordinal)
            .Select(File.ReadAllBytes),
        .. Enumerable.Range(1, RandomNetworks).Select(seed => OnnxExporter.Export(RandomGraph.Create(seed))),
        .. OneOperatorModels.All().Values.Select(OnnxExporter.Export),
        .. QuantizedNetworks.All.Select(OnnxExporter.Export),
        .. QuantizedOnnxFiles.All(),
    ];

    /// <inheritdoc/>
    /// <remarks>A network may turn out to be a constant: the importer computes up to 2^24 numbers whatever the size of the file.</remarks>
    public override long AlwaysAllowed => FuzzRun.AlwaysAllowed + (sizeof(float) * 2L << 24);

    /// <inheritdoc/>
    public override byte[] Mutate(byte[] sample, Random random) =>
        random.Next(6) == 0
            ? ByteMutations.Apply(sample, Samples[random.Next(Samples.Count)], random)
            : ProtobufMutations.Apply(sample, random);

    /// <inheritdoc/>
    public override object Read(byte[] bytes) => OnnxImporter.Import(bytes, "net.onnx");

    /// <inheritdoc/>
    public override void Check(object result)
    {
        var model = (Model)result;
        GraphVerifier.Verify(model.Graph);
        foreach (var parameter in model.Graph.Parameters)
        {
            if (model.Weights.Find(parameter.Name)?.Shape.Equals(parameter.Shape) != true)
                throw new InvalidDataException($"The imported parameter '{parameter.Name}' has no weight of its shape.");
        }

        _ = ModelBundle.Write(PassPipeline.Pack(model));
    }
}
