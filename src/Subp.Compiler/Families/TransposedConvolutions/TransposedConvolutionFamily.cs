using Subp.Compiler.Emission;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Values;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.TransposedConvolutions;

/// <summary>Transposed convolutions of any kernel, stride, dilation and grouping.</summary>
internal sealed class TransposedConvolutionFamily : KernelFamily<TransposedConvolutionPlan>
{
    /// <inheritdoc/>
    public override bool Accepts(Graph graph, GraphNode node) =>
        node.Operator is ConvTranspose2d convolution && graph.Parameter(convolution.Weight).Pattern is null;

    /// <inheritdoc/>
    public override FamilyPlan Plan(FamilyRequest request)
    {
        var convolution = (ConvTranspose2d)request.Node.Operator;
        var (input, output) = (request.InputShape(0), request.Node.Shape);
        var (inputs, outputs) = (input.Channels / convolution.Groups, output.Channels / convolution.Groups);
        var taps = convolution.Window.Kernel.Height * convolution.Window.Kernel.Width;
        var tiles = (((outputs - 1) / TransposedConvolutionPlan.ChannelTile) + 1) * convolution.Groups;
        var weights = request.Constants.Add(
            checked(tiles * TransposedConvolutionPlan.ChannelTile * inputs * taps),
            (start, length) => new PackedTransposed(start, length, convolution.Weight, convolution.Groups, inputs, outputs, taps)
        );
        var cells = TransposedCells.Of(convolution.Window, input, output);
        var rows = TransposedStretches.RowsOf(cells, inputs, input.Batch * tiles);
        var macs = (long)input.ElementCount * outputs * taps;
        return new TransposedConvolutionPlan(
            request.Tiles(checked(input.Batch * tiles * (((cells.Rows - 1) / rows) + 1))) with
            {
                DenseMacs = macs,
                KeptMacs = macs,
                DenseReason = "a transposed convolution has no sparse kernel",
            }
        )
        {
            PerGroup = (inputs, outputs),
            Input = input,
            Cells = cells,
            CellRows = rows,
            Operands =
            [
                request.Operands[0],
                new OperandPlace(OperandMemory.Constants, weights),
                new OperandPlace(OperandMemory.Constants, request.Constants.AddBias(convolution.Bias, output.Channels)),
                request.Operands[1],
                new OperandPlace(OperandMemory.Scratch, 0),
            ],
        };
    }

    /// <inheritdoc/>
    protected override void Write(CSharpWriter writer, TransposedConvolutionPlan plan, InstructionSet set) =>
        TransposedConvolutionWriter.Write(writer, plan, set);
}
