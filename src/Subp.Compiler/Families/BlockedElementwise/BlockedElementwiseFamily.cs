using Subp.Compiler.Emission;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Values;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.BlockedElementwise;

/// <summary>Additions, multiplications, activations and batch normalisations that no convolution took in.</summary>
internal sealed class BlockedElementwiseFamily : ImageFamily<ElementwisePlan>
{
    /// <inheritdoc/>
    public override bool MayWriteOver(Graph graph, GraphNode node, int operand) => true;

    /// <inheritdoc/>
    public override FamilyPlan Plan(FamilyRequest request)
    {
        var operands = request.ImageOperands;
        return new ElementwisePlan(request.Rows)
        {
            Operator = request.Node.Operator,
            Operands = request.Node.Operator is BatchNorm norm
                ? [operands[0], new OperandPlace(OperandMemory.Constants, Factors(request, norm)), operands[1]]
                : operands,
        };
    }

    private static int Factors(FamilyRequest request, BatchNorm norm)
    {
        var channels = request.Node.Shape.Channels;
        return request.Constants.Add(
            2 * BufferPlanner.RoundUp(channels),
            (start, length) => new BatchNormFactors(start, length, norm, channels)
        );
    }

    // One factor per channel of each image.
    private static bool IsGate(TensorShape value, TensorShape factor) =>
        value.IsImage && factor.Equals(new TensorShape(value.Batch, value.Channels, 1, 1));

    /// <inheritdoc/>
    protected override bool Computes(Graph graph, GraphNode node) =>
        node.Operator switch
        {
            Activate or BatchNorm => true,
            Add => graph.ShapeOf(node.Inputs[0]).Equals(graph.ShapeOf(node.Inputs[1])),
            Mul => graph.ShapeOf(node.Inputs[0]).Equals(graph.ShapeOf(node.Inputs[1]))
                || IsGate(graph.ShapeOf(node.Inputs[0]), graph.ShapeOf(node.Inputs[1])),
            _ => false,
        };

    /// <inheritdoc/>
    protected override void Write(CSharpWriter writer, ElementwisePlan plan, InstructionSet set) =>
        ElementwiseWriter.Write(writer, plan, set);
}
