using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Values;
using Subp.Core.Graphs;
using Subp.Core.Storage;

namespace Subp.Compiler.Families.Convolutions;

/// <summary>Where kernels read the kept blocks of a weight.</summary>
internal static class StoredBlocks
{
    /// <summary>As they lie in the weights file; those of few bits as they would lie there.</summary>
    /// <param name="request">The node that reads them.</param>
    /// <param name="weight">A weight with a pattern.</param>
    public static OperandPlace PlaceOf(FamilyRequest request, Parameter weight) =>
        weight.Bits is null
            ? new OperandPlace(OperandMemory.Weights, request.Weights.Tensor(weight.Name).Offset)
            : new OperandPlace(
                OperandMemory.Constants,
                request.Constants.Add(StoredTensor.CountOf(weight), (start, rounded) => new UnpackedWeight(start, rounded, weight))
            );
}
