using Subp.Compiler.Emission;
using Subp.Compiler.Families.Convolutions;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Values;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.LinearLayers;

/// <summary>Linear layers of dense weights over vectors.</summary>
internal sealed class LinearFamily : ImageFamily<LinearPlan>
{
    /// <inheritdoc/>
    public override FamilyPlan Plan(FamilyRequest request)
    {
        var linear = (Linear)request.Node.Operator;
        var weight = request.Graph.Parameter(linear.Weight).Shape;
        var macs = (long)request.Node.Shape.Batch * weight.ElementCount;
        var weights = request.Constants.Add(
            checked(BufferPlanner.RoundUp(weight[0]) * weight[1]),
            (start, length) =>
                new PackedConvolution(start, length, linear.Weight, request.Graph.Parameter(linear.Weight).Pattern, weight[0], weight[1])
        );
        var bias = request.Constants.AddBias(linear.Bias, weight[0]);
        return new LinearPlan(
            request.Images with
            {
                DenseMacs = macs,
                KeptMacs = macs,
                DenseReason = "the weight has no pruned 1xN blocks",
            }
        )
        {
            Linear = linear,
            InputFeatures = weight[1],
            Operands =
            [
                request.Places.Of(request.Node.Inputs[0]),
                new OperandPlace(OperandMemory.Constants, weights),
                new OperandPlace(OperandMemory.Constants, bias),
                request.Places.Of(request.Node.Name),
            ],
        };
    }

    /// <inheritdoc/>
    protected override bool Computes(Graph graph, GraphNode node) =>
        node.Operator is Linear && graph.ShapeOf(node.Inputs[0]).IsVector && !ConvolutionShapes.IsSparseLinear(graph, node);

    /// <inheritdoc/>
    protected override void Write(CSharpWriter writer, LinearPlan plan, InstructionSet set) => LinearWriter.Write(writer, plan, set);
}
