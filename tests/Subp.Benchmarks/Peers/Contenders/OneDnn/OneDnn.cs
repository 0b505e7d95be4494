using System.Runtime.InteropServices;

namespace Subp.Benchmarks.Peers.Contenders.OneDnn;

/// <summary>
/// The functions of oneDNN 2 that a convolution needs (dnnl.h, dnnl_types.h). Descriptors are handed over as memory that is larger than
/// they are in any version 2, so that their inside does not matter here.
/// </summary>
internal static unsafe partial class OneDnn
{
    /// <summary>The name of the library in the declarations.</summary>
    public const string Library = "peer-dnnl";

    /// <summary>More bytes than a descriptor of a tensor or a convolution has.</summary>
    public const int DescriptorBytes = 16384;

    public const int Direct = 1,
        Winograd = 2;
    public const int ForwardInference = 96,
        Relu = 31,
        Float32 = 3,
        Cpu = 1,
        DefaultOrder = 1;
    public const int AnyLayout = 1,
        Vector = 2,
        Nchw = 5,
        Oihw = 5,
        Goihw = 7;
    public const int SourceArgument = 1,
        DestinationArgument = 17,
        WeightsArgument = 33,
        BiasArgument = 41;
    public const int QueryImplementation = 8,
        QuerySource = 129,
        QueryWeights = 131,
        QueryDestination = 133;
    public const int Unimplemented = 3;

    /// <summary>An argument of a primitive.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Argument
    {
        public int Kind;
        public nint Memory;
    }

    [LibraryImport(Library, EntryPoint = "dnnl_version")]
    public static partial int* Version();

    [LibraryImport(Library, EntryPoint = "dnnl_engine_create")]
    public static partial int CreateEngine(out nint engine, int kind, nuint index);

    [LibraryImport(Library, EntryPoint = "dnnl_engine_destroy")]
    public static partial int DestroyEngine(nint engine);

    [LibraryImport(Library, EntryPoint = "dnnl_stream_create")]
    public static partial int CreateStream(out nint stream, nint engine, uint flags);

    [LibraryImport(Library, EntryPoint = "dnnl_stream_wait")]
    public static partial int Wait(nint stream);

    [LibraryImport(Library, EntryPoint = "dnnl_stream_destroy")]
    public static partial int DestroyStream(nint stream);

    [LibraryImport(Library, EntryPoint = "dnnl_memory_desc_init_by_tag")]
    public static partial int DescribeMemory(void* description, int rank, long* dimensions, int type, int layout);

    [LibraryImport(Library, EntryPoint = "dnnl_memory_desc_get_size")]
    public static partial nuint SizeOf(void* description);

    [LibraryImport(Library, EntryPoint = "dnnl_memory_create")]
    public static partial int CreateMemory(out nint memory, void* description, nint engine, void* handle);

    [LibraryImport(Library, EntryPoint = "dnnl_memory_destroy")]
    public static partial int DestroyMemory(nint memory);

    [LibraryImport(Library, EntryPoint = "dnnl_convolution_forward_desc_init")]
    public static partial int DescribeConvolution(
        void* description,
        int kind,
        int algorithm,
        void* source,
        void* weights,
        void* bias,
        void* destination,
        long* strides,
        long* paddingBefore,
        long* paddingAfter
    );

    [LibraryImport(Library, EntryPoint = "dnnl_post_ops_create")]
    public static partial int CreatePostOperations(out nint operations);

    [LibraryImport(Library, EntryPoint = "dnnl_post_ops_append_eltwise")]
    public static partial int AppendElementwise(nint operations, float scale, int algorithm, float alpha, float beta);

    [LibraryImport(Library, EntryPoint = "dnnl_post_ops_destroy")]
    public static partial int DestroyPostOperations(nint operations);

    [LibraryImport(Library, EntryPoint = "dnnl_primitive_attr_create")]
    public static partial int CreateAttributes(out nint attributes);

    [LibraryImport(Library, EntryPoint = "dnnl_primitive_attr_set_post_ops")]
    public static partial int SetPostOperations(nint attributes, nint operations);

    [LibraryImport(Library, EntryPoint = "dnnl_primitive_attr_destroy")]
    public static partial int DestroyAttributes(nint attributes);

    [LibraryImport(Library, EntryPoint = "dnnl_primitive_desc_create")]
    public static partial int CreatePrimitiveDescription(out nint result, void* operation, nint attributes, nint engine, nint hint);

    [LibraryImport(Library, EntryPoint = "dnnl_primitive_desc_query_md")]
    public static partial void* QueryMemory(nint description, int what, int index);

    [LibraryImport(Library, EntryPoint = "dnnl_primitive_desc_query")]
    public static partial int Query(nint description, int what, int index, void* result);

    [LibraryImport(Library, EntryPoint = "dnnl_primitive_desc_destroy")]
    public static partial int DestroyPrimitiveDescription(nint description);

    [LibraryImport(Library, EntryPoint = "dnnl_reorder_primitive_desc_create")]
    public static partial int CreateReorderDescription(
        out nint result,
        void* from,
        nint fromEngine,
        void* to,
        nint toEngine,
        nint attributes
    );

    [LibraryImport(Library, EntryPoint = "dnnl_primitive_create")]
    public static partial int CreatePrimitive(out nint primitive, nint description);

    [LibraryImport(Library, EntryPoint = "dnnl_primitive_execute")]
    public static partial int Execute(nint primitive, nint stream, int count, Argument* arguments);

    [LibraryImport(Library, EntryPoint = "dnnl_primitive_destroy")]
    public static partial int DestroyPrimitive(nint primitive);
}
