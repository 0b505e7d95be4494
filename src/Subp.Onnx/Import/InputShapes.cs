using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Onnx.Protos;
using DataType = Subp.Onnx.Protos.TensorProto.Types.DataType;
using Dimension = Subp.Onnx.Protos.TensorShapeProto.Types.Dimension;

namespace Subp.Onnx.Import;

/// <summary>
/// Finds static shapes for the inputs of the model: numbers stay, named dimensions are looked up, an open batch is the option's.
/// </summary>
internal static class InputShapes
{
    /// <summary>The name and shape of each input, in order.</summary>
    /// <exception cref="SubpException">An input is no tensor of real numbers, a dimension stays open, or an option names no
    /// dimension.</exception>
    public static IReadOnlyList<(string Name, TensorShape Shape)> Resolve(IReadOnlyList<ValueInfoProto> inputs, ImportOptions options)
    {
        var used = new HashSet<string>(StringComparer.Ordinal);
        var shapes = inputs.Select(input => (input.Name, Resolve(input, options, used))).ToList();
        foreach (var name in options.Dimensions.Keys.Where(name => !used.Contains(name)).Order(StringComparer.Ordinal))
            throw new SubpException(
                DiagnosticDescriptors.OnnxDynamicShape,
                $"dimension '{name}'",
                "a value for a dimension that the model does not have",
                used.Count == 0 ? "a model with named dimensions" : $"one of {string.Join(", ", used.Order(StringComparer.Ordinal))}"
            );
        return shapes;
    }

    private static TensorShape Resolve(ValueInfoProto input, ImportOptions options, HashSet<string> used)
    {
        var place = $"input '{input.Name}'";
        var type = input.Type?.TensorType ?? throw new SubpException(DiagnosticDescriptors.OnnxGraph, place, "no tensor type", "a tensor");
        if ((DataType)type.ElemType is not (DataType.Float or DataType.Float16 or DataType.Bfloat16 or DataType.Double))
            throw new SubpException(
                DiagnosticDescriptors.OnnxUnsupportedForm,
                place,
                $"elements of type {(DataType)type.ElemType}",
                "real numbers"
            );
        if (type.Shape is null)
            throw new SubpException(DiagnosticDescriptors.OnnxDynamicShape, place, "no shape", "a shape");
        return new TensorShape([.. type.Shape.Dim.Select((dimension, index) => Resolve(place, dimension, index, options, used))]);
    }

    private static int Resolve(string place, Dimension dimension, int index, ImportOptions options, HashSet<string> used)
    {
        var isNamed = dimension.ValueCase == Dimension.ValueOneofCase.DimParam && dimension.DimParam.Length > 0;
        if (isNamed)
        {
            used.Add(dimension.DimParam);
            if (options.Dimensions.TryGetValue(dimension.DimParam, out var named))
                return named;
        }

        if (dimension.ValueCase == Dimension.ValueOneofCase.DimValue && dimension.DimValue != -1)
        {
            return dimension.DimValue is > 0 and <= TensorShape.MaximumElementCount
                ? (int)dimension.DimValue
                : throw new SubpException(
                    DiagnosticDescriptors.OnnxDynamicShape,
                    place,
                    FormattableString.Invariant($"the dimension {dimension.DimValue} at index {index}"),
                    FormattableString.Invariant($"1 to {TensorShape.MaximumElementCount}")
                );
        }

        if (index == 0)
            return options.Batch;
        throw new SubpException(
            DiagnosticDescriptors.OnnxDynamicShape,
            place,
            FormattableString.Invariant($"the open dimension {(isNamed ? $"'{dimension.DimParam}'" : "without a name")} at index {index}"),
            "a number",
            isNamed ? $"Give the dimension '{dimension.DimParam}' a value." : "Export the model with a fixed shape."
        );
    }
}
