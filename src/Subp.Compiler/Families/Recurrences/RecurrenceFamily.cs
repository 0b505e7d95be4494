using Subp.Compiler.Emission;
using Subp.Compiler.Families.Convolutions;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Values;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.Recurrences;

/// <summary>The recurrences of LSTM, GRU and simple recurrent layers; what comes from outside is a product of its own.</summary>
internal sealed class RecurrenceFamily : KernelFamily<RecurrencePlan>
{
    /// <inheritdoc/>
    public override bool Accepts(Graph graph, GraphNode node) =>
        node.Operator is Recurrence recurrence && graph.Parameter(recurrence.Weight).Pattern is null;

    /// <inheritdoc/>
    public override FamilyPlan Plan(FamilyRequest request)
    {
        var recurrence = (Recurrence)request.Node.Operator;
        var shape = request.InputShape(0);
        var hidden = request.Node.Shape[2];
        IReadOnlyList<StateProduct> products = recurrence is { Kind: RecurrenceKind.Gru, ResetsProduct: false }
            ? [new StateProduct("Gates", 0, 2 * hidden, hidden), new StateProduct("Candidates", 2 * hidden, hidden, hidden)]
            : [new StateProduct("Sums", 0, shape[2], hidden)];
        var macs = (long)shape.ElementCount * hidden;
        return new RecurrencePlan(
            request.Tiles(shape[1]) with
            {
                DenseMacs = macs,
                KeptMacs = macs,
                DenseReason = "a recurrence has no sparse kernel",
            }
        )
        {
            Steps = shape[0],
            Batch = shape[1],
            Hidden = hidden,
            Products = products,
            Operands =
            [
                .. request.Operands.Take(request.Node.Inputs.Count),
                .. products.Select(product => Packed(request, recurrence.Weight, product)),
                .. recurrence.Bias is null
                    ? (OperandPlace[])[]
                    : [new OperandPlace(OperandMemory.Constants, request.Constants.AddBias(recurrence.Bias, hidden))],
                request.Operands[request.Node.Inputs.Count],
                new OperandPlace(OperandMemory.Scratch, 0),
            ],
        };
    }

    /// <inheritdoc/>
    protected override void Write(CSharpWriter writer, RecurrencePlan plan, InstructionSet set) =>
        new RecurrenceWriter(writer, plan, set).Write();

    private static OperandPlace Packed(FamilyRequest request, string weight, StateProduct product) =>
        new(
            OperandMemory.Constants,
            request.Constants.Add(
                checked(product.Panels * product.PanelColumns * product.Inner),
                (start, length) =>
                    new PackedConvolution(
                        start,
                        length,
                        weight,
                        Pattern: null,
                        product.Columns,
                        product.Inner,
                        BlockLength: product.PanelColumns,
                        FirstOutput: product.FirstColumn
                    )
            )
        );
}
