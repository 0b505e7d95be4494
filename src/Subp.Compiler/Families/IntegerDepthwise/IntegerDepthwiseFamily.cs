using Subp.Compiler.Emission;
using Subp.Compiler.Families.Bytes;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Values;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.IntegerDepthwise;

/// <summary>Depthwise convolutions from bytes to bytes.</summary>
internal sealed class IntegerDepthwiseFamily : ByteFamily<IntegerDepthwisePlan>
{
    /// <summary>True for a convolution to bytes with one input channel and one output channel per group.</summary>
    public static bool IsDepthwise(Graph graph, GraphNode node, Conv2d convolution) =>
        convolution.Groups > 1
        && node.Type.Quantization is not null
        && node.Inputs.Count == 1
        && convolution.Groups == node.Shape.Channels
        && convolution.Groups == graph.ShapeOf(node.Inputs[0]).Channels
        && graph.Parameter(convolution.Weight).Pattern is null;

    /// <inheritdoc/>
    public override bool Accepts(Graph graph, GraphNode node) =>
        node.Operator is Conv2d convolution
        && graph.TypeOf(node.Inputs[0]).Quantization is not null
        && IsDepthwise(graph, node, convolution);

    /// <inheritdoc/>
    public override FamilyPlan Plan(FamilyRequest request)
    {
        var (graph, node) = (request.Graph, request.Node);
        var convolution = (Conv2d)node.Operator;
        var kernel = convolution.Window.Kernel;
        var (input, output) = (graph.TypeOf(node.Inputs[0]).Quantization!, node.Type.Quantization!);
        var pitch = ByteLayout.ChannelPitch(node.Shape);
        var blocks = new ChannelBlocks(pitch, kernel.Height, kernel.Width);
        var constants = request.Constants.Add(
            blocks.Length,
            (start, length) =>
                new IntegerDepthwiseConstants(start, length)
                {
                    Layer = node.Name,
                    Weight = convolution.Weight,
                    WeightBits = graph.Parameter(convolution.Weight).Bits,
                    Scales = convolution.WeightScale!,
                    Bias = convolution.Bias,
                    Channels = node.Shape.Channels,
                    Blocks = blocks,
                    Quantization = (input.Scale, input.ZeroPoint, output.Scale),
                }
        );
        var (low, high) = IntegerLayer.Bounds(convolution.Activation, output);
        var macs = (long)node.Shape.ElementCount * kernel.Height * kernel.Width;
        var plan = new IntegerDepthwisePlan(
            request.Tiles(node.Shape.Batch * node.Shape.Height) with
            {
                DenseMacs = macs,
                KeptMacs = macs,
                DenseReason = "a depthwise convolution has one input channel per output",
            }
        )
        {
            Window = convolution.Window,
            InputShape = request.InputShape(0),
            Pitch = pitch,
            InputZero = input.ZeroPoint,
            Placement = new Placement(output.ZeroPoint, low, high),
            ActivationWord = convolution.Activation == Activation.None ? null : convolution.Activation.Word,
            Operands = [],
        };
        var place = new OperandPlace(OperandMemory.Constants, constants);
        return plan with
        {
            Operands = plan.HasOutsideRow
                ? [request.Operands[0], place, new OperandPlace(OperandMemory.Scratch, 0), request.Operands[1]]
                : [request.Operands[0], place, request.Operands[1]],
        };
    }

    /// <inheritdoc/>
    public override KernelFile? WriteShared(ModelPlan model, InstructionSet set) => DepthwiseQuadsFile.Write(model, set);

    /// <inheritdoc/>
    protected override void Write(CSharpWriter writer, IntegerDepthwisePlan plan, InstructionSet set)
    {
        if (plan.HasQuads(set))
            new DepthwiseQuadWriter(plan, set).Write(writer);
        else
            new IntegerDepthwiseWriter(plan, set).Write(writer);
    }
}
