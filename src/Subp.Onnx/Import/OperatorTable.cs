using Subp.Onnx.Import.Operators;
using Subp.Onnx.Protos;

namespace Subp.Onnx.Import;

/// <summary>The one table of ONNX operators that can be imported.</summary>
internal static class OperatorTable
{
    private static readonly OperatorConverter[] Converters =
    [
        new FoldedConverter("Abs", "Of constants."),
        new AddConverter(),
        new FoldedConverter("And", "Of constants, with broadcasting."),
        new AveragePoolConverter(),
        new BatchNormalizationConverter(),
        new CastConverter(),
        new CastLikeConverter(),
        new FoldedConverter("Ceil", "Of constants."),
        new ClipConverter(),
        new ConcatConverter(),
        new ConstantConverter(),
        new FoldedConverter("ConstantOfShape", "A constant shape; a value of one element."),
        new ConvConverter(),
        new FoldedConverter("Cos", "Of constants."),
        new FoldedConverter("DequantizeLinear", "Of constants, with one scale or one per index of an axis; without block_size."),
        new DivConverter(),
        new DropoutConverter(),
        new FoldedConverter("Equal", "Of constants, with broadcasting."),
        new FoldedConverter("Exp", "Of constants."),
        new FoldedConverter("Expand", "Of constants, to a constant shape."),
        new FlattenConverter(),
        new FoldedConverter("Floor", "Of constants."),
        new GatherConverter(),
        new GemmConverter(),
        new GlobalAveragePoolConverter(),
        new GlobalMaxPoolConverter(),
        new FoldedConverter("Greater", "Of constants, with broadcasting."),
        new FoldedConverter("GreaterOrEqual", "Of constants, with broadcasting."),
        new HardSigmoidConverter(),
        new HardSwishConverter(),
        new IdentityConverter(),
        new FoldedConverter("Less", "Of constants, with broadcasting."),
        new FoldedConverter("LessOrEqual", "Of constants, with broadcasting."),
        new FoldedConverter("Log", "Of constants."),
        new MatMulConverter(),
        new ExtremumConverter("Max"),
        new MaxPoolConverter(),
        new ExtremumConverter("Min"),
        new FoldedConverter("Mod", "Of constants, with broadcasting; real numbers with fmod."),
        new MulConverter(),
        new FoldedConverter("Neg", "Of constants."),
        new FoldedConverter("NonZero", "Of constants."),
        new FoldedConverter("Not", "Of constants."),
        new FoldedConverter("Or", "Of constants, with broadcasting."),
        new PadConverter(),
        new FoldedConverter("Pow", "Of constants, with broadcasting."),
        new FoldedConverter("Range", "Constant integers."),
        new FoldedConverter("Reciprocal", "Of constants."),
        new FoldedConverter("ReduceL2", "Of constants, over any axes."),
        new FoldedConverter("ReduceMax", "Of constants, over any axes."),
        new ReduceMeanConverter(),
        new FoldedConverter("ReduceMin", "Of constants, over any axes."),
        new FoldedConverter("ReduceProd", "Of constants, over any axes."),
        new FoldedConverter("ReduceSum", "Of constants, over any axes."),
        new FoldedConverter("ReduceSumSquare", "Of constants, over any axes."),
        new ReluConverter(),
        new ReshapeConverter(),
        new FoldedConverter("Round", "Of constants."),
        new FoldedConverter("Shape", "Of any value: shapes are static."),
        new SigmoidConverter(),
        new FoldedConverter("Sign", "Of constants."),
        new FoldedConverter("Sin", "Of constants."),
        new FoldedConverter("Size", "Of any value: shapes are static."),
        new SliceConverter(),
        new SoftmaxConverter(),
        new SplitConverter(),
        new FoldedConverter("Sqrt", "Of constants."),
        new SqueezeConverter(),
        new SubConverter(),
        new FoldedConverter("Sum", "Of constants, with broadcasting."),
        new FoldedConverter("Tanh", "Of constants."),
        new FoldedConverter("Tile", "Of constants."),
        new TransposeConverter(),
        new UnsqueezeConverter(),
        new FoldedConverter("Where", "Of constants, with broadcasting."),
        new FoldedConverter("Xor", "Of constants, with broadcasting."),
    ];

    private static readonly Dictionary<string, OperatorConverter> ByName = Converters.ToDictionary(
        converter => converter.Description.Name,
        StringComparer.Ordinal
    );

    /// <summary>The descriptions of all operators, by name.</summary>
    public static IReadOnlyList<SupportedOperator> Supported { get; } =
    [.. Converters.Select(converter => converter.Description).OrderBy(description => description.Name, StringComparer.Ordinal)];

    /// <summary>The converter of a node, or null where its operator is not supported.</summary>
    public static OperatorConverter? Find(NodeProto node) =>
        ModelParser.IsStandardDomain(node.Domain) ? ByName.GetValueOrDefault(node.OpType) : null;
}
