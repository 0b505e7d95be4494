using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>InstanceNormalization, GroupNormalization, LayerNormalization, RMSNormalization and MeanVarianceNormalization.</summary>
/// <param name="name">The ONNX operator.</param>
internal sealed class NormalizationConverter(string name) : OperatorConverter
{
    private const int ScalePerChannelOpset = 21;

    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        name switch
        {
            "InstanceNormalization" => new(name, "normalize", "Constant scale and shift; any number of spatial dimensions."),
            "GroupNormalization" => new(name, "normalize", "Constant scale and shift, per group before opset 21 and per channel since."),
            "LayerNormalization" => new(name, "normalize", "Any axis; constant scale and shift; without the further outputs."),
            "RMSNormalization" => new(name, "normalize", "Any axis; a constant scale."),
            _ => new(name, "normalize", "Any axes."),
        };

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        var value = node.Value(0);
        var rank = value.Shape.Rank;
        if (rank == 0 || (rank < 2 && name is "InstanceNormalization" or "GroupNormalization"))
            throw node.Unsupported($"an input of shape {value.Shape}", "[batch,channels,...]");
        node.Emit(
            name switch
            {
                "InstanceNormalization" => Instance(node, value.Shape),
                "GroupNormalization" => Group(node, value.Shape),
                "LayerNormalization" => Layer(node, value.Shape, keepsMean: false),
                "RMSNormalization" => Layer(node, value.Shape, keepsMean: true),
                _ => MeanVariance(node, rank),
            },
            value
        );
    }

    private static Normalize Instance(NodeContext node, TensorShape shape)
    {
        node.RequireInputs(3, 3);
        return new Normalize
        {
            Axes = Enumerable.Range(2, shape.Rank - 2).ToArray(),
            Epsilon = node.Attributes.Real("epsilon", BatchNorm.DefaultEpsilon),
            Scale = PerChannel(node, 1, "scale", shape, 1),
            Shift = PerChannel(node, 2, "shift", shape, 1),
        };
    }

    private static Normalize Group(NodeContext node, TensorShape shape)
    {
        node.RequireInputs(3, 3);
        node.Attributes.Ignore("stash_type");
        var groups = node.Attributes.Integer("num_groups", 0, 1);
        if (shape.Channels % groups != 0)
            throw node.Unsupported(
                FormattableString.Invariant($"{shape.Channels} channels in {groups} groups"),
                "a multiple of the groups"
            );
        var repeat = node.Opset >= ScalePerChannelOpset ? 1 : shape.Channels / groups;
        return new Normalize
        {
            Axes = Enumerable.Range(1, shape.Rank - 1).ToArray(),
            Groups = groups,
            Epsilon = node.Attributes.Real("epsilon", BatchNorm.DefaultEpsilon),
            Scale = PerChannel(node, 1, "scale", shape, repeat),
            Shift = PerChannel(node, 2, "shift", shape, repeat),
        };
    }

    // Root mean squares leave the mean alone and have no shift.
    private static Normalize Layer(NodeContext node, TensorShape shape, bool keepsMean)
    {
        node.RequireInputs(2, keepsMean ? 2 : 3);
        node.Attributes.Ignore("stash_type");
        var axis = Axes.Normalize(node, node.Attributes.Integer("axis", -1), shape.Rank);
        return new Normalize
        {
            Axes = Enumerable.Range(axis, shape.Rank - axis).ToArray(),
            Epsilon = node.Attributes.Real("epsilon", BatchNorm.DefaultEpsilon),
            KeepsMean = keepsMean,
            Scale = node.Parameter(node.Constant(1, "scale")),
            Shift = node.OptionalConstant(2, "shift") is { } shift ? node.Parameter(shift) : null,
        };
    }

    // The standard adds 1e-9 to the deviation; this is the same where the variance is 0.
    private static Normalize MeanVariance(NodeContext node, int rank)
    {
        node.RequireInputs(1, 1);
        var axes = node.Attributes.Integers("axes") ?? [0, 2, 3];
        return new Normalize { Axes = axes.Select(axis => Axes.Normalize(node, axis, rank)).Order().ToArray(), Epsilon = 1e-18f };
    }

    // One number per channel, or per group of channels, which is repeated along all other axes.
    private static string PerChannel(NodeContext node, int index, string role, TensorShape shape, int repeat)
    {
        var given = node.Constant(index, role);
        if (given.Dimensions.Count != 1 || given.Count * repeat != shape.Channels)
            throw node.Unsupported(
                $"a {role} of shape [{string.Join(",", given.Dimensions)}]",
                FormattableString.Invariant($"[{shape.Channels / repeat}]")
            );
        return node.Parameter(
            given,
            FormattableString.Invariant($"channels of {shape.Rank} dimensions, each {repeat} times"),
            new TensorShape([shape.Channels, .. Enumerable.Repeat(1, shape.Rank - 2)]),
            values => [.. values.SelectMany(value => Enumerable.Repeat(value, repeat))]
        );
    }
}
