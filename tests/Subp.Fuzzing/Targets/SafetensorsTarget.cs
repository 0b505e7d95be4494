using Subp.Core.Weights;
using Subp.Fuzzing.Mutations;
using Subp.Testing;

namespace Subp.Fuzzing.Targets;

/// <summary>The reader of .safetensors files. Tensors that it accepts must have exactly the bytes of their shape.</summary>
public sealed class SafetensorsTarget : FuzzTarget
{
    private const int RandomNetworks = 16;

    /// <inheritdoc/>
    public override string Name => "safetensors";

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Samples { get; } =
    [
        .. Enumerable
            .Range(1, RandomNetworks)
            .Select(seed => RandomGraph.Create(seed))
            .Concat(QuantizedNetworks.All)
            .Select(model => ModelBundle.Write(model).Safetensors),
    ];

    /// <inheritdoc/>
    public override byte[] Mutate(byte[] sample, Random random) =>
        SafetensorsMutations.Apply(sample, Samples[random.Next(Samples.Count)], random);

    /// <inheritdoc/>
    public override object Read(byte[] bytes) => SafetensorsReader.Read(bytes, "net.safetensors");

    /// <inheritdoc/>
    public override void Check(object result)
    {
        var file = (SafetensorsFile)result;
        foreach (var tensor in file.Tensors.Where(tensor => tensor.IsConvertible))
        {
            long elements = tensor.Shape.Aggregate(1L, (product, dimension) => checked(product * dimension));
            if (tensor.ToFloats().Length != elements)
                throw new InvalidDataException($"The tensor '{tensor.Name}' has not the values of its shape.");
        }
    }
}
