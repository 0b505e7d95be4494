using Subp.Core.Diagnostics;
using Subp.Onnx.Import.Operators;
using Subp.Onnx.Protos;

namespace Subp.Onnx.Import;

/// <summary>The one table of ONNX operators that can be imported.</summary>
internal static class OperatorTable
{
    private static readonly OperatorConverter[] Converters =
    [
        new AddConverter(),
        new AveragePoolConverter(),
        new BatchNormalizationConverter(),
        new CastConverter(),
        new FoldedConverter("Ceil", "Of constants."),
        new ClipConverter(),
        new ConcatConverter(),
        new ConstantConverter(),
        new FoldedConverter("ConstantOfShape", "A constant shape; a value of one element."),
        new ConvConverter(),
        new DivConverter(),
        new DropoutConverter(),
        new FoldedConverter("Equal", "Of constants, with broadcasting."),
        new FlattenConverter(),
        new FoldedConverter("Floor", "Of constants."),
        new GatherConverter(),
        new GemmConverter(),
        new GlobalAveragePoolConverter(),
        new GlobalMaxPoolConverter(),
        new HardSigmoidConverter(),
        new HardSwishConverter(),
        new IdentityConverter(),
        new MatMulConverter(),
        new MaxPoolConverter(),
        new MulConverter(),
        new PadConverter(),
        new FoldedConverter("Range", "Constant integers."),
        new ReduceMeanConverter(),
        new ReluConverter(),
        new ReshapeConverter(),
        new FoldedConverter("Shape", "Of any value: shapes are static."),
        new SigmoidConverter(),
        new SliceConverter(),
        new SoftmaxConverter(),
        new SplitConverter(),
        new SqueezeConverter(),
        new SubConverter(),
        new TransposeConverter(),
        new UnsqueezeConverter(),
        new FoldedConverter("Where", "Of constants, with broadcasting."),
    ];

    private static readonly Dictionary<string, OperatorConverter> ByName = Converters.ToDictionary(
        converter => converter.Description.Name,
        StringComparer.Ordinal
    );

    /// <summary>The descriptions of all operators, by name.</summary>
    public static IReadOnlyList<SupportedOperator> Supported { get; } =
    [.. Converters.Select(converter => converter.Description).OrderBy(description => description.Name, StringComparer.Ordinal)];

    /// <summary>The converter of a node.</summary>
    /// <exception cref="SubpException">The operator is not supported.</exception>
    public static OperatorConverter Find(NodeProto node, int opset)
    {
        var isStandard = ModelParser.IsStandardDomain(node.Domain);
        if (isStandard && ByName.TryGetValue(node.OpType, out var converter))
            return converter;
        throw new SubpException(
            DiagnosticDescriptors.OnnxUnsupportedOperator,
            GraphIndex.Label(node),
            isStandard ? FormattableString.Invariant($"{node.OpType} of opset {opset}") : $"{node.OpType} of the domain {node.Domain}",
            $"one of {string.Join(", ", Supported.Select(description => description.Name))}",
            "Rewrite the layer with supported operators before the export."
        );
    }
}
