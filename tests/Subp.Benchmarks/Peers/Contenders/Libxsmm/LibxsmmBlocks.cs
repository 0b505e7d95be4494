using System.Runtime.InteropServices;

namespace Subp.Benchmarks.Peers.Contenders.Libxsmm;

/// <summary>The functions of LIBXSMM 2.0 that a block-sparse product of matrices needs (libxsmm.h, libxsmm_typedefs.h).</summary>
internal static unsafe partial class LibxsmmBlocks
{
    /// <summary>
    /// The name of the library in the declarations; not that of <see cref="Libxsmm"/>, so that two versions can be loaded.
    /// </summary>
    public const string Library = "peer-libxsmm-2";

    /// <summary>The pointers of an argument structure: the operation has four, the matrices have six each.</summary>
    public const int ArgumentPointers = 22;

    public const int Left = 4,
        Right = 10,
        Result = 16;
    public const int Float32 = 1;
    public const uint OverwriteResult = 4,
        NoPrefetch = 0;

    /// <summary>The shape of a product.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Shape
    {
        public int M,
            N,
            K,
            LeftStride,
            RightStride,
            ResultStride,
            LeftType,
            RightType,
            ResultType,
            ComputeType;
    }

    /// <summary>How a matrix is cut into blocks.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Blocks
    {
        public int PackedWidth,
            Rows,
            Columns;
    }

    [LibraryImport(Library, EntryPoint = "libxsmm_init")]
    public static partial void Initialize();

    [LibraryImport(Library, EntryPoint = "libxsmm_create_packed_spgemm_bcsc")]
    public static partial delegate* unmanaged<nint*, void> Create(Shape shape, uint flags, uint prefetch, Blocks blocks);

    [LibraryImport(Library, EntryPoint = "libxsmm_release_kernel")]
    public static partial void Release(void* kernel);
}
