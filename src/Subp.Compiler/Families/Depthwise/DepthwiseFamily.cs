using Subp.Compiler.Emission;
using Subp.Compiler.Families.Convolutions;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Values;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.Depthwise;

/// <summary>Convolutions of one filter per channel.</summary>
internal sealed class DepthwiseFamily : ImageFamily<DepthwisePlan>
{
    /// <inheritdoc/>
    public override Halo HaloOf(Graph graph, GraphNode node, int operand)
    {
        var padding = ((Conv2d)node.Operator).Window.Padding;
        return new Halo(padding.Top, padding.Left, padding.Bottom, padding.Right);
    }

    /// <inheritdoc/>
    public override FamilyPlan Plan(FamilyRequest request)
    {
        var convolution = (Conv2d)request.Node.Operator;
        var (taps, channels) = (convolution.Window.Kernel.Height * convolution.Window.Kernel.Width, request.Node.Shape.Channels);
        var macs = (long)request.Node.Shape.ElementCount * taps;
        var weights = request.Constants.Add(
            checked(BufferPlanner.RoundUp(channels) * taps),
            (start, length) => new PackedDepthwise(start, length, convolution.Weight, channels, taps)
        );
        var bias = request.Constants.AddBias(convolution.Bias, channels);
        return new DepthwisePlan(
            request.Rows with
            {
                DenseMacs = macs,
                KeptMacs = macs,
                DenseReason = "a depthwise convolution has one input channel per output",
            }
        )
        {
            Convolution = convolution,
            Operands =
            [
                request.Places.OfWindow(request.Node.Inputs[0], convolution.Window),
                new OperandPlace(OperandMemory.Constants, weights),
                new OperandPlace(OperandMemory.Constants, bias),
                request.ImageResult,
            ],
        };
    }

    /// <inheritdoc/>
    protected override bool Computes(Graph graph, GraphNode node) => ConvolutionShapes.IsDepthwise(graph, node);

    /// <inheritdoc/>
    protected override void Write(CSharpWriter writer, DepthwisePlan plan, InstructionSet set) => DepthwiseWriter.Write(writer, plan, set);
}
