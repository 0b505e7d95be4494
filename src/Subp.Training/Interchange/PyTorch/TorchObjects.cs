using System.Numerics;
using Subp.Training.Interchange.Pickle;
using Subp.Training.Interchange.StateDict;

namespace Subp.Training.Interchange.PyTorch;

/// <summary>
/// The few names that a state dictionary needs, with what they stand for. Where storages lie differs between the formats; the formats
/// give them by their keys.
/// </summary>
/// <param name="findStorage">The storage of a type under a key with a number of elements.</param>
internal sealed class TorchObjects(Func<ElementType, string, long, TorchStorage> findStorage) : IPickleObjects
{
    private const string OrderedDictionary = "collections.OrderedDict";
    private const string Size = "torch.Size";
    private const string Tensor = "torch._utils._rebuild_tensor";
    private const string TensorWithHooks = "torch._utils._rebuild_tensor_v2";
    private const string Parameter = "torch._utils._rebuild_parameter";
    private const string StorageModule = "torch.";

    /// <inheritdoc/>
    public void RequireKnown(PickleGlobal global)
    {
        if (global.Name is not (OrderedDictionary or Size or Tensor or TensorWithHooks or Parameter) && StorageType(global) is null)
            throw new PickleException(
                global.Kind,
                "tensors, storages and ordered dictionaries only; nothing was called",
                isRefused: true,
                global.Position
            );
    }

    /// <inheritdoc/>
    public PickleValue Call(PickleGlobal function, PickleTuple arguments)
    {
        var items = arguments.Items;
        switch (function.Name)
        {
            case OrderedDictionary when items.Count == 0:
                return new PickleDictionary();
            case OrderedDictionary when items is [PickleList pairs]:
                return FromPairs(pairs);
            case Size when items is [PickleTuple dimensions]:
                return dimensions;
            case Tensor when items.Count == 4:
            case TensorWithHooks when items.Count is 6 or 7:
                return View(items[0], items[1], items[2], items[3]);
            case Parameter when items is [TorchTensor tensor, _, _]:
                return tensor;
            default:
                throw new PickleException(
                    $"a call of '{function.Name}' with {items.Count} arguments: "
                        + $"{string.Join(", ", items.Take(4).Select(item => item.Kind))}",
                    "a call as PyTorch writes it",
                    isRefused: true
                );
        }
    }

    /// <inheritdoc/>
    public PickleValue Find(PickleValue identifier)
    {
        var items = (identifier as PickleTuple)?.Items ?? [];
        if (
            items.Count is not (5 or 6)
            || items[0] is not PickleText { Value: "storage" }
            || items[1] is not PickleGlobal kind
            || items[2] is not PickleText key
            || items.Skip(5).Any(view => view is not PickleNone)
        )
            throw new PickleException($"{identifier.Kind} in place of a storage", "type, key, place and number of elements of a storage");

        var type = StorageType(kind) ?? throw new PickleException(kind.Kind, "a class of storages");
        return findStorage(type, key.Value, Integer(items[4], "a number of elements"));
    }

    private static ElementType? StorageType(PickleGlobal global) =>
        ElementType.All.FirstOrDefault(type => global.Name == StorageModule + type.Storage);

    private static PickleDictionary FromPairs(PickleList pairs)
    {
        var dictionary = new PickleDictionary();
        foreach (var pair in pairs.Items)
        {
            var items = pair switch
            {
                PickleList list => list.Items,
                PickleTuple tuple => tuple.Items,
                _ => [],
            };
            if (items is not [var key, var value])
                throw new PickleException($"{pair.Kind} in place of a pair", "pairs of keys and values");

            dictionary.Add(key, value);
        }

        return dictionary;
    }

    private static TorchTensor View(PickleValue storage, PickleValue offset, PickleValue shape, PickleValue strides)
    {
        if (storage is not TorchStorage elements)
            throw new PickleException(storage.Kind, "the storage of a tensor");

        long first = Integer(offset, "the offset of a tensor");
        long[] extents = Integers(shape, "the shape of a tensor");
        long[] steps = Integers(strides, "the strides of a tensor");
        if (extents.Length != steps.Length)
            throw new PickleException($"{steps.Length} strides", $"{extents.Length}, one for each dimension");

        BigInteger count = 1;
        BigInteger last = first;
        for (int axis = 0; axis < extents.Length; axis++)
        {
            count *= extents[axis];
            last += (BigInteger)Math.Max(0, extents[axis] - 1) * steps[axis];
        }

        // An element that is named twice would let a small file ask for any amount of memory.
        if (!count.IsZero && (last >= elements.Elements || count > elements.Elements))
            throw new PickleException(
                $"a tensor of shape [{string.Join(',', extents)}], strides [{string.Join(',', steps)}] and offset {first}",
                $"elements within the {elements.Elements} of its storage, each once"
            );

        return new TorchTensor(elements, first, extents, steps);
    }

    private static long[] Integers(PickleValue value, string expected) =>
        value is PickleTuple tuple
            ? [.. tuple.Items.Select(item => Integer(item, expected))]
            : throw new PickleException(value.Kind, $"{expected}: a tuple of integers");

    private static long Integer(PickleValue value, string expected) =>
        value is PickleInteger { Value: var number } && number >= 0 && number <= long.MaxValue
            ? (long)number
            : throw new PickleException(
                value is PickleInteger { Value: var wrong } ? $"{wrong}" : value.Kind,
                $"{expected}: an integer from 0 to 2^63 - 1"
            );
}
