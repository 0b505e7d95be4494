namespace Subp.Cli.OnnxRuntime;

/// <summary>
/// The functions of ONNX Runtime that are called, by their place in the table that the library hands out (<c>struct OrtApi</c> of
/// onnxruntime_c_api.h). All are of the first version of that interface, whose order never changes.
/// </summary>
internal enum OnnxRuntimeFunction
{
    /// <summary><c>const char* (status)</c>.</summary>
    GetErrorMessage = 2,

    /// <summary><c>status (level, name, out environment)</c>.</summary>
    CreateEnv = 3,

    /// <summary><c>status (environment, path, options, out session)</c>; the path is UTF-16 on Windows and UTF-8 elsewhere.</summary>
    CreateSession = 7,

    /// <summary><c>status (environment, bytes, length, options, out session)</c>.</summary>
    CreateSessionFromArray = 8,

    /// <summary><c>status (session, run options, input names, inputs, count, output names, count, outputs)</c>.</summary>
    Run = 9,

    /// <summary><c>status (out options)</c>.</summary>
    CreateSessionOptions = 10,

    /// <summary><c>status (options, mode)</c>.</summary>
    SetSessionExecutionMode = 13,

    /// <summary><c>status (options, level)</c>.</summary>
    SetSessionGraphOptimizationLevel = 23,

    /// <summary><c>status (options, threads)</c>.</summary>
    SetIntraOpNumThreads = 24,

    /// <summary><c>status (session, out count)</c>.</summary>
    SessionGetInputCount = 30,

    /// <summary><c>status (session, out count)</c>.</summary>
    SessionGetOutputCount = 31,

    /// <summary><c>status (session, index, allocator, out name)</c>.</summary>
    SessionGetInputName = 36,

    /// <summary><c>status (session, index, allocator, out name)</c>.</summary>
    SessionGetOutputName = 37,

    /// <summary><c>status (memory, data, bytes, dimensions, rank, element type, out value)</c>.</summary>
    CreateTensorWithDataAsOrtValue = 49,

    /// <summary><c>status (value, out data)</c>.</summary>
    GetTensorMutableData = 51,

    /// <summary><c>status (type, out element type)</c>.</summary>
    GetTensorElementType = 60,

    /// <summary><c>status (type, out count)</c>.</summary>
    GetTensorShapeElementCount = 64,

    /// <summary><c>status (value, out type)</c>.</summary>
    GetTensorTypeAndShape = 65,

    /// <summary><c>status (allocator type, memory type, out memory)</c>.</summary>
    CreateCpuMemoryInfo = 69,

    /// <summary><c>status (allocator, memory)</c>.</summary>
    AllocatorFree = 76,

    /// <summary><c>status (out allocator)</c>; the allocator is not to be released.</summary>
    GetAllocatorWithDefaultOptions = 78,

    /// <summary><c>void (environment)</c>.</summary>
    ReleaseEnv = 92,

    /// <summary><c>void (status)</c>.</summary>
    ReleaseStatus = 93,

    /// <summary><c>void (memory)</c>.</summary>
    ReleaseMemoryInfo = 94,

    /// <summary><c>void (session)</c>.</summary>
    ReleaseSession = 95,

    /// <summary><c>void (value)</c>.</summary>
    ReleaseValue = 96,

    /// <summary><c>void (type)</c>.</summary>
    ReleaseTensorTypeAndShapeInfo = 99,

    /// <summary><c>void (options)</c>.</summary>
    ReleaseSessionOptions = 100,
}
