using Subp.Roslyn.Tests.Kernels;
using Subp.Testing;

namespace Subp.Roslyn.Tests.Families;

/// <summary>Networks over dense values: every family, at ranks, extents and strides where it takes different ways.</summary>
internal static class FamilyCases
{
    /// <summary>
    /// All cases. Of those for bytes, where not all are asked for, every other: the ones between run with the instruction of AVX-VNNI.
    /// </summary>
    public static IEnumerable<KernelCase> All() =>
        [
            .. ElementwiseCases.All(),
            .. CopyCases.All(),
            .. ReductionCases.All(),
            .. MatrixProductCases.All(),
            .. RecurrenceCases.All(),
            .. ResampleCases.All(),
            .. TransposedConvolutionCases.All(),
            .. InterfaceCases.All(),
            .. IntegerCases.OfFloatInterface().Sample(2, first: 1),
            .. IntegerCases.Interfaces(),
            .. SmoothCases.All(),
        ];
}
