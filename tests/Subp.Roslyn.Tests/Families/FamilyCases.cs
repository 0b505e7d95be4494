using Subp.Roslyn.Tests.Kernels;

namespace Subp.Roslyn.Tests.Families;

/// <summary>Networks over dense values: every family, at ranks, extents and strides where it takes different ways.</summary>
internal static class FamilyCases
{
    /// <summary>All cases.</summary>
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
            .. IntegerCases.All(),
            .. SmoothCases.All(),
        ];
}
