using Subp.Compiler.Emission;
using Subp.Compiler.Families.Convolutions;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Values;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.MatrixProducts;

/// <summary>Products of two values, and linear layers over values of any rank.</summary>
internal sealed class MatrixProductFamily : KernelFamily<MatrixProductPlan>
{
    /// <inheritdoc/>
    public override bool Accepts(Graph graph, GraphNode node) => node.Operator is MatMul or Linear;

    /// <inheritdoc/>
    public override FamilyPlan Plan(FamilyRequest request) =>
        request.Node.Operator is Linear linear ? WithWeight(request, linear) : OfValues(request);

    /// <inheritdoc/>
    public override void WriteTables(CSharpWriter writer, FamilyPlan plan)
    {
        if (plan is MatrixProductPlan product)
            MatrixProductWriter.WriteTables(writer, product);
    }

    /// <inheritdoc/>
    protected override void Write(CSharpWriter writer, MatrixProductPlan plan, InstructionSet set) =>
        MatrixProductWriter.Write(writer, plan, set);

    private static MatrixProductPlan OfValues(FamilyRequest request)
    {
        var (left, right, result) = (request.InputShape(0), request.InputShape(1), request.Node.Shape);
        var (rows, columns, inner) = (result[result.Rank - 2], result[result.Rank - 1], left[left.Rank - 1]);
        var batch = Batch(result);
        var (lefts, rights) = (TensorStrides.Broadcast(Batch(left), batch), TensorStrides.Broadcast(Batch(right), batch));
        var products = new List<(int Left, int Right)>();
        for (var product = 0; product < batch.ElementCount; product++)
        {
            var (rest, leftMatrix, rightMatrix) = (product, 0, 0);
            for (var axis = batch.Rank - 1; axis >= 0; axis--)
            {
                var index = rest % batch[axis];
                rest /= batch[axis];
                leftMatrix += index * lefts[axis];
                rightMatrix += index * rights[axis];
            }

            products.Add((leftMatrix * rows * inner, rightMatrix * inner * columns));
        }

        // One right side for all: the left sides, which lie one behind the other, are one matrix of more rows.
        if (products.Count > 1 && products.All(product => product.Right == 0) && batch.ElementCount == Batch(left).ElementCount)
            (rows, products) = (rows * products.Count, [(0, 0)]);
        var macs = (long)products.Count * rows * columns * inner;
        return Planned(request, rows, products.Count, macs, null) with
        {
            Columns = columns,
            Inner = inner,
            Products = products,
            Operands = request.Operands,
            RightStrides = (columns, MatrixProductPlan.PanelColumns),
        };
    }

    private static MatrixProductPlan WithWeight(FamilyRequest request, Linear linear)
    {
        var weight = request.Graph.Parameter(linear.Weight);
        var (outputs, inner) = (weight.Shape[0], weight.Shape[1]);
        var rows = request.Node.Shape.ElementCount / outputs;
        var packed = request.Constants.Add(
            checked(BufferPlanner.RoundUp(outputs) * inner),
            (start, length) => new PackedConvolution(start, length, linear.Weight, weight.Pattern, outputs, inner)
        );
        var bias = linear.Bias is null ? -1 : request.Constants.AddBias(linear.Bias, outputs);
        var reason = weight.Pattern is null ? "the weight has no pruned 1xN blocks" : "a product with many rows has no sparse kernel";
        return Planned(request, rows, 1, (long)rows * weight.Shape.ElementCount, reason) with
        {
            Columns = outputs,
            Inner = inner,
            Products = [(0, 0)],
            RightStrides = (MatrixProductPlan.PanelColumns, MatrixProductPlan.PanelColumns * inner),
            IsPacked = true,
            HasBias = bias >= 0,
            Applied = linear.Activation,
            Operands =
            [
                request.Operands[0],
                new OperandPlace(OperandMemory.Constants, packed),
                .. bias >= 0 ? (OperandPlace[])[new OperandPlace(OperandMemory.Constants, bias)] : [],
                request.Operands[1],
            ],
        };
    }

    private static MatrixProductPlan Planned(FamilyRequest request, int rows, int products, long macs, string? reason) =>
        new(
            request.Tiles(products * (((rows - 1) / MatrixProductPlan.TaskRows) + 1)) with
            {
                DenseMacs = macs,
                KeptMacs = macs,
                DenseReason = reason,
            }
        )
        {
            Rows = rows,
            Columns = 0,
            Inner = 0,
            Products = [],
            Operands = [],
            RightStrides = default,
        };

    private static TensorShape Batch(TensorShape shape) => new([.. shape.Dimensions.Take(shape.Rank - 2)]);
}
