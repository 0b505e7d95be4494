using Subp.Compiler.Emission.Runtime;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Sparsity;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.Winograd;

/// <summary>
/// A 3x3 weight, or one of a stem by phases, transformed for the Winograd domain, G g G-transposed in double and rounded once, as
/// [chunk][position][group of the chunk][kept block][N]. The source is block-sparse, or dense.
/// </summary>
/// <param name="Offset">Start in the constants, in floats.</param>
/// <param name="Length">Length in floats.</param>
/// <param name="Weight">The weight.</param>
/// <param name="Transform">The transform.</param>
/// <param name="Pattern">The kept blocks; full for a dense weight.</param>
/// <param name="ChunkGroups">Groups of a chunk; the last may have fewer.</param>
internal sealed record WinogradWeights(
    int Offset,
    int Length,
    Parameter Weight,
    WinogradTransform Transform,
    BlockPattern Pattern,
    int ChunkGroups
) : FamilyConstant(Offset, Length)
{
    /// <inheritdoc/>
    public override string? NamedAfter => Weight.Name;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Methods => WinogradWeightsWriter.Methods(Transform, Weight.Pattern is not null);

    /// <inheritdoc/>
    public override string Call(Func<string, string> source, string target)
    {
        var arguments = $"{source(Weight.Name)}, {target}, {WinogradWeightsWriter.MatrixOf(Transform)}, ";
        var shape = Weight.Shape;
        return arguments switch
        {
            _ when Transform.KernelSize != 3 => Invariant(
                $"TransformPhases({arguments}outputs: {shape[0]}, inputs: {shape[1]}, kernel: {shape[2]}, chunkGroups: {ChunkGroups}, "
                    + $"lanes: {Pattern.BlockLength});"
            ),
            _ when Weight.Pattern is null => Invariant(
                $"TransformDense({arguments}outputs: {shape[0]}, inputs: {Pattern.InputChannels}, chunkGroups: {ChunkGroups}, "
                    + $"lanes: {Pattern.BlockLength});"
            ),
            _ => Invariant(
                $"// Per group of {Pattern.BlockLength} outputs the number of kept input channels.\n"
                    + $"TransformBlocks({arguments}new int[] {{ {CSharpText.Numbers(
                        Enumerable.Range(0, Pattern.Groups).Select(group => Pattern.Kept(group).Count)
                    )} }}, blockLength: {Pattern.BlockLength}, chunkGroups: {ChunkGroups});"
            ),
        };
    }
}
