using Subp.Compiler.Emission;
using Subp.Compiler.Families.Loops;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Values;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.Elementwise;

/// <summary>Activations, sums, products, quotients, powers, comparisons, choices and normalisations with stored statistics.</summary>
internal sealed class ElementwiseFamily : KernelFamily<DenseElementwisePlan>
{
    /// <inheritdoc/>
    public override bool Accepts(Graph graph, GraphNode node) => node.Operator is Activate or Add or Mul or Binary or Where or BatchNorm;

    /// <inheritdoc/>
    public override FamilyPlan Plan(FamilyRequest request)
    {
        var shape = request.Node.Shape;
        LoopOperand[] operands =
        [
            .. request.Node.Inputs.Select(input => new LoopOperand(0, TensorStrides.Broadcast(request.Graph.ShapeOf(input), shape))),
            .. request.Node.Operator is BatchNorm ? (LoopOperand[])[PerChannel(shape), PerChannel(shape)] : [],
            new LoopOperand(0, TensorStrides.RowMajor(shape)),
        ];
        var nest = LoopNest.Of(shape.Dimensions, operands);
        return new DenseElementwisePlan(request.Tiles(nest.Tiles))
        {
            Nest = nest,
            Operands = request.Node.Operator is BatchNorm norm ? WithFactors(request, norm) : request.Operands,
        };
    }

    /// <inheritdoc/>
    protected override void Write(CSharpWriter writer, DenseElementwisePlan plan, InstructionSet set) =>
        ElementwiseWriter.Write(writer, plan, set);

    private static LoopOperand PerChannel(TensorShape shape) =>
        new(0, [.. Enumerable.Range(0, shape.Rank).Select(axis => axis == 1 ? 1 : 0)]);

    private static OperandPlace[] WithFactors(FamilyRequest request, BatchNorm norm)
    {
        var channels = request.Node.Shape[1];
        var padded = BufferPlanner.RoundUp(channels);
        var offset = request.Constants.Add(2 * padded, (start, length) => new BatchNormFactors(start, length, norm, channels));
        return
        [
            request.Operands[0],
            new OperandPlace(OperandMemory.Constants, offset),
            new OperandPlace(OperandMemory.Constants, offset + padded),
            request.Operands[1],
        ];
    }
}
