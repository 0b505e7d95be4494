using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Onnx.Protos;
using DataType = Subp.Onnx.Protos.TensorProto.Types.DataType;
using Dimension = Subp.Onnx.Protos.TensorShapeProto.Types.Dimension;

namespace Subp.Onnx.Import;

/// <summary>
/// Finds static shapes for the inputs of the model: numbers stay, open dimensions are looked up by their name or by input and index, an
/// open batch is the option's.
/// </summary>
internal static class InputShapes
{
    /// <summary>The name, shape and element type of each input, in order.</summary>
    /// <exception cref="SubpException">An input is no tensor of real numbers or bytes, a dimension stays open, or an option names no
    /// dimension.</exception>
    public static IReadOnlyList<(string Name, TensorShape Shape, DataType Element)> Resolve(
        IReadOnlyList<ValueInfoProto> inputs,
        ImportOptions options
    )
    {
        var keys = inputs.SelectMany(Open).Select(open => open.Key).ToHashSet(StringComparer.Ordinal);
        var places = inputs.SelectMany(Open).Select(open => open.Place);
        var others = options.Dimensions.Keys.Except(keys.Concat(places), StringComparer.Ordinal).Order(StringComparer.Ordinal);
        foreach (var name in others.Where(_ => !options.LeavesOthersOut))
            throw new SubpException(
                DiagnosticDescriptors.OnnxDynamicShape,
                $"dimension '{name}'",
                "a value for a dimension that the model does not have",
                keys.Count == 0 ? "a model with open dimensions" : $"one of {string.Join(", ", keys.Order(StringComparer.Ordinal))}"
            );
        return [.. inputs.Select(input => (input.Name, Resolve(input, inputs, options), (DataType)input.Type.TensorType.ElemType))];
    }

    private static TensorShape Resolve(ValueInfoProto input, IReadOnlyList<ValueInfoProto> inputs, ImportOptions options)
    {
        var place = $"input '{input.Name}'";
        var type = input.Type?.TensorType ?? throw new SubpException(DiagnosticDescriptors.OnnxGraph, place, "no tensor type", "a tensor");
        if (
            (DataType)type.ElemType
            is not (DataType.Float or DataType.Float16 or DataType.Bfloat16 or DataType.Double or DataType.Uint8 or DataType.Int8)
        )
            throw new SubpException(
                DiagnosticDescriptors.OnnxUnsupportedForm,
                place,
                $"elements of type {(DataType)type.ElemType}",
                "real numbers or bytes",
                "Cast the input in front of the network, or cut the network behind the nodes that read it with --outputs NAME."
            );
        if (type.Shape is null)
            throw new SubpException(DiagnosticDescriptors.OnnxDynamicShape, place, "no shape", "a shape");
        return new TensorShape([.. type.Shape.Dim.Select((dimension, index) => Extent(dimension, index))]);

        int Extent(Dimension dimension, int index)
        {
            if (!IsOpen(dimension))
                return dimension.DimValue is > 0 and <= TensorShape.MaximumElementCount
                    ? (int)dimension.DimValue
                    : throw new SubpException(
                        DiagnosticDescriptors.OnnxDynamicShape,
                        place,
                        FormattableString.Invariant($"the dimension {dimension.DimValue} at index {index}"),
                        FormattableString.Invariant($"1 to {TensorShape.MaximumElementCount}")
                    );
            if (
                options.Dimensions.TryGetValue(Place(input, index), out var extent)
                || options.Dimensions.TryGetValue(Key(input, dimension, index), out extent)
            )
                return extent;
            if (index == 0)
                return options.Batch;
            var isNamed = dimension.DimParam.Length > 0;
            throw new SubpException(
                DiagnosticDescriptors.OnnxDynamicShape,
                place,
                FormattableString.Invariant(
                    $"the open dimension {(isNamed ? $"'{dimension.DimParam}'" : "without a name")} at index {index}"
                ),
                "a number",
                $"Give every open dimension a value, in the command line with {Suggestion(inputs, options)}."
            );
        }
    }

    // All that is open and has no value, so that one more try is enough; the extents are examples.
    private static string Suggestion(IReadOnlyList<ValueInfoProto> inputs, ImportOptions options) =>
        string.Join(
            " ",
            inputs
                .SelectMany(Open)
                .Where(open => open.Index > 0 && !options.Dimensions.ContainsKey(open.Key) && !options.Dimensions.ContainsKey(open.Place))
                .Select(open => open.Key)
                .Distinct(StringComparer.Ordinal)
                .Select(key =>
                    key.Any(letter => !char.IsAsciiLetterOrDigit(letter) && letter is not ('_' or '.' or ':')) ? $"'{key}=N'" : $"{key}=N"
                )
                .Select(value => $"--dim {value}")
        );

    private static IEnumerable<(int Index, string Key, string Place)> Open(ValueInfoProto input)
    {
        var dimensions = input.Type?.TensorType?.Shape?.Dim;
        for (var index = 0; index < (dimensions?.Count ?? 0); index++)
        {
            if (IsOpen(dimensions![index]))
                yield return (index, Key(input, dimensions[index], index), Place(input, index));
        }
    }

    private static bool IsOpen(Dimension dimension) => dimension.ValueCase != Dimension.ValueOneofCase.DimValue || dimension.DimValue == -1;

    // What an option calls a dimension: its name, or where it has none the input and the index.
    private static string Key(ValueInfoProto input, Dimension dimension, int index) =>
        dimension.ValueCase == Dimension.ValueOneofCase.DimParam && dimension.DimParam.Length > 0
            ? dimension.DimParam
            : Place(input, index);

    private static string Place(ValueInfoProto input, int index) => FormattableString.Invariant($"{input.Name}:{index}");
}
