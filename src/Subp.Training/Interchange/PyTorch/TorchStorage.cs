using Subp.Training.Interchange.Pickle;
using Subp.Training.Interchange.StateDict;

namespace Subp.Training.Interchange.PyTorch;

/// <summary>A stretch of elements that tensors are views of. It lies outside the pickle.</summary>
/// <param name="type">The type of the elements.</param>
/// <param name="elements">How many.</param>
/// <param name="read">Gives their bytes, exactly as many as type and number ask for.</param>
internal sealed class TorchStorage(ElementType type, long elements, Func<ReadOnlyMemory<byte>> read) : PickleValue
{
    public ElementType Type => type;

    public long Elements => elements;

    public Func<ReadOnlyMemory<byte>> Read => read;

    public override string Kind => "a storage";
}

/// <summary>A tensor: a view of a storage whose every element has been found to lie within it.</summary>
internal sealed class TorchTensor(TorchStorage storage, long offset, IReadOnlyList<long> shape, IReadOnlyList<long> strides) : PickleValue
{
    public override string Kind => "a tensor";

    public StateTensor Named(string name) => new(name, storage.Type, shape, strides, offset, storage.Read);
}
