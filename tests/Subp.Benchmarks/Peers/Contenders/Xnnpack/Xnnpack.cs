using System.Runtime.InteropServices;

namespace Subp.Benchmarks.Peers.Contenders.Xnnpack;

/// <summary>The functions of XNNPACK, as Debian has it (xnnpack.h of February 2022), that a sparse convolution needs.</summary>
internal static unsafe partial class Xnnpack
{
    /// <summary>The name of the library in the declarations.</summary>
    public const string Library = "peer-xnnpack";

    [LibraryImport(Library, EntryPoint = "xnn_initialize")]
    public static partial int Initialize(nint allocator);

    [LibraryImport(Library, EntryPoint = "xnn_create_convolution2d_nchw_f32")]
    public static partial int CreateConvolution(
        uint top,
        uint right,
        uint bottom,
        uint left,
        uint kernelHeight,
        uint kernelWidth,
        uint strideHeight,
        uint strideWidth,
        uint dilationHeight,
        uint dilationWidth,
        uint groups,
        nuint inputs,
        nuint outputs,
        nuint inputStride,
        nuint outputStride,
        float* kernel,
        float* bias,
        float least,
        float most,
        uint flags,
        out nint result
    );

    [LibraryImport(Library, EntryPoint = "xnn_setup_convolution2d_nchw_f32")]
    public static partial int SetUpConvolution(
        nint convolution,
        nuint batch,
        nuint height,
        nuint width,
        float* input,
        float* output,
        nint threads
    );

    [LibraryImport(Library, EntryPoint = "xnn_run_operator")]
    public static partial int Run(nint convolution, nint threads);

    [LibraryImport(Library, EntryPoint = "xnn_delete_operator")]
    public static partial int Delete(nint convolution);
}
