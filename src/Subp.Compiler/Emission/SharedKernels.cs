namespace Subp.Compiler.Emission;

/// <summary>A file of methods that several layers share.</summary>
/// <param name="File">The file.</param>
/// <param name="Kernels">The signatures of the kernels in it, for each instruction set in the order of the options.</param>
internal readonly record struct SharedKernels(EmittedFile File, IReadOnlyList<IReadOnlyList<string>> Kernels);
