using System.Runtime.InteropServices;

namespace Subp.Benchmarks.Peers.Contenders.Libxsmm;

/// <summary>
/// The functions of LIBXSMM 1.17 that a sparse product of matrices needs (libxsmm.h, libxsmm_generator.h, libxsmm_fsspmdm.h).
/// </summary>
internal static unsafe partial class Libxsmm
{
    /// <summary>The name of the library in the declarations.</summary>
    public const string Library = "peer-libxsmm";

    /// <summary>More bytes than a descriptor has.</summary>
    public const int DescriptorBytes = 1024;

    public const int Float32 = 1,
        OverwriteResult = 16,
        NoPrefetch = 0;

    [LibraryImport(Library, EntryPoint = "libxsmm_init")]
    public static partial void Initialize();

    [LibraryImport(Library, EntryPoint = "libxsmm_gemm_descriptor_dinit")]
    public static partial void* Describe(
        void* memory,
        int precision,
        int m,
        int n,
        int k,
        int lda,
        int ldb,
        int ldc,
        double alpha,
        double beta,
        int flags,
        int prefetch
    );

    [LibraryImport(Library, EntryPoint = "libxsmm_create_xcsr_soa")]
    public static partial delegate* unmanaged<float*, float*, float*, void> CreateCsr(
        void* descriptor,
        uint* rows,
        uint* columns,
        float* values,
        uint packedWidth
    );

    [LibraryImport(Library, EntryPoint = "libxsmm_release_kernel")]
    public static partial void Release(void* kernel);

    [LibraryImport(Library, EntryPoint = "libxsmm_sfsspmdm_create")]
    public static partial nint CreateFixed(
        int m,
        int n,
        int k,
        int lda,
        int ldb,
        int ldc,
        float alpha,
        float beta,
        int nonTemporal,
        float* matrix
    );

    [LibraryImport(Library, EntryPoint = "libxsmm_sfsspmdm_execute")]
    public static partial void ExecuteFixed(nint product, float* right, float* result);

    [LibraryImport(Library, EntryPoint = "libxsmm_sfsspmdm_destroy")]
    public static partial void DestroyFixed(nint product);
}
