using Subp.Fuzzing.Mutations;
using Subp.Training.Interchange.StateDict;

namespace Subp.Fuzzing.Targets;

/// <summary>The reader of PyTorch's files. Tensors that it accepts must have exactly the values of their shape.</summary>
public sealed class PthTarget : FuzzTarget
{
    /// <inheritdoc/>
    public override string Name => "pth";

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Samples { get; } =
    [
        .. Directory
            .EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "samples"), "*.pth")
            .Order(StringComparer.Ordinal)
            .Select(File.ReadAllBytes),
    ];

    /// <inheritdoc/>
    public override byte[] Mutate(byte[] sample, Random random) => PthMutations.Apply(sample, Samples[random.Next(Samples.Count)], random);

    /// <inheritdoc/>
    public override object Read(byte[] bytes) => StateDictionaryFile.Read(bytes, "net.pth");

    /// <inheritdoc/>
    public override void Check(object result)
    {
        foreach (var tensor in ((StateDictionary)result).Tensors)
        {
            long elements = tensor.Shape.Aggregate(1L, (product, dimension) => checked(product * dimension));
            if (tensor.ToFloats().Length != elements)
                throw new InvalidDataException($"The tensor '{tensor.Name}' has not the values of its shape.");
        }
    }
}
