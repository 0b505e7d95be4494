using Subp.Compiler.Planning;
using Subp.Core.Graphs;

namespace Subp.Compiler.Emission.Runtime;

/// <summary>Writes how weights come into memory: found in the assembly or a file, checked, and the constants computed from them.</summary>
internal static class WeightsFile
{
    /// <summary>The file <c>{Class}.Weights.cs</c>.</summary>
    public static EmittedFile Write(ModelPlan plan, WeightPlaces weights) =>
        ModelFileScope.Write(
            plan,
            ".Weights",
            _ => { },
            writer =>
            {
                WriteFields(writer, plan);
                WriteLoading(writer, plan, weights);
                if (IsBeside(plan))
                    WriteFromFile(writer, plan);
                else
                    WriteFromResource(writer, plan);
                WriteCheck(writer, weights);
                WritePreparation(writer, plan);
                WriteAlignedMemory(writer);
            }
        );

    /// <summary>The name of the embedded resource that holds the weights.</summary>
    internal static string ResourceName(ModelPlan plan) =>
        (plan.Options.WeightsName ?? plan.Options.Namespace + "." + plan.ClassName) + ".safetensors";

    /// <summary>The name of the file beside the program that holds the weights.</summary>
    internal static string FileName(ModelPlan plan) => (plan.Options.WeightsName ?? plan.ClassName) + ".safetensors";

    private static bool IsBeside(ModelPlan plan) => plan.Options.Weights == WeightsLocation.File;

    // A failure to find the file is not kept: a program that waits for its weights may try again.
    private static string Source(ModelPlan plan) =>
        IsBeside(plan) ? "FromFile, Threading::LazyThreadSafetyMode.PublicationOnly" : "FromResource";

    private static string InstanceDocumentation(ModelPlan plan) =>
        IsBeside(plan)
            ? $"""
                /// <summary>The network with the weights of the file <c>{CSharpText.Documentation(FileName(
                    plan
                ))}</c> beside the program, loaded once and shared by all threads.</summary>
                /// <exception cref="IO::FileNotFoundException">There is no such file.</exception>
                /// <exception cref="IO::InvalidDataException">The weights belong to another structure, or the file is damaged.</exception>
                """
            : """
                /// <summary>The network with the weights embedded in this assembly, loaded once and shared by all threads.</summary>
                /// <exception cref="IO::InvalidDataException">The embedded weights are missing or belong to another structure.</exception>
                """;

    // Networks of bytes are exact, whatever weights they are given.
    private static string Damage(ModelPlan plan, string weights) =>
        QuantizedLayer.All(plan.Source).Any()
            ? $"the {weights} damaged, or a layer of bytes cannot be exact with them"
            : $"the {weights} damaged";

    private static void WriteFields(CSharpWriter writer, ModelPlan plan) =>
        writer.Line(
            $$"""
            private static readonly System::Lazy<{{plan.ClassName}}> s_instance = new({{Source(plan)}});

            // The .safetensors file as it lies in memory; kernels read block-sparse values from it without a copy.
            private readonly byte* _weights;

            // What keeps that memory alive: the stream over the resource, or a copy.
            private readonly object _weightsOwner;

            // What was computed from the weights at load: padded biases and repacked weights.
            private readonly AlignedMemory _constants;

            private {{plan.ClassName}}(byte* weights, object weightsOwner)
            {
                _weights = weights;
                _weightsOwner = weightsOwner;
                CompileAhead();
                _constants = new AlignedMemory({{(long)plan.ConstantsLength * sizeof(float)}});
                Prepare(weights, (float*)_constants.Pointer);
            }

            """
        );

    private static void WriteLoading(CSharpWriter writer, ModelPlan plan, WeightPlaces weights) =>
        writer.Line(
            $$"""
            {{InstanceDocumentation(plan)}}
            public static {{plan.ClassName}} Instance => s_instance.Value;

            /// <summary>
            /// Loads weights from a .safetensors file that <c>subp</c> wrote for this structure, for example after training went on.
            /// </summary>
            /// <param name="path">The file.</param>
            /// <returns>A network of its own with these weights.</returns>
            /// <exception cref="IO::FileNotFoundException">There is no such file.</exception>
            /// <exception cref="IO::DirectoryNotFoundException">There is no such folder.</exception>
            /// <exception cref="IO::IOException">The file cannot be read.</exception>
            /// <exception cref="System::UnauthorizedAccessException">The path is that of a folder, or of a file that may not be read.</exception>
            /// <exception cref="IO::InvalidDataException">The weights belong to another structure, or {{Damage(
                plan,
                "file is"
            )}}.</exception>
            public static {{plan.ClassName}} Load(string path)
            {
                using IO::FileStream file = new(path, IO::FileMode.Open, IO::FileAccess.Read, IO::FileShare.Read, bufferSize: 1);
                RequireLength(file.Length);
                AlignedMemory copy = new({{weights.FileLength}});
                file.ReadExactly(new System::Span<byte>(copy.Pointer, {{weights.FileLength}}));
                RequireStructure(copy.Pointer);
                return new {{plan.ClassName}}(copy.Pointer, copy);
            }

            /// <summary>Loads weights from the bytes of a .safetensors file that <c>subp</c> wrote for this structure.</summary>
            /// <param name="weights">The bytes; they are copied.</param>
            /// <returns>A network of its own with these weights.</returns>
            /// <exception cref="IO::InvalidDataException">The weights belong to another structure, or {{Damage(
                plan,
                "bytes are"
            )}}.</exception>
            public static {{plan.ClassName}} Load(System::ReadOnlySpan<byte> weights)
            {
                RequireLength(weights.Length);
                AlignedMemory copy = new({{weights.FileLength}});
                weights.CopyTo(new System::Span<byte>(copy.Pointer, {{weights.FileLength}}));
                RequireStructure(copy.Pointer);
                return new {{plan.ClassName}}(copy.Pointer, copy);
            }

            """
        );

    // AppContext.BaseDirectory and not the location of the assembly, which is empty in a single-file program.
    private static void WriteFromFile(CSharpWriter writer, ModelPlan plan) =>
        writer.Line(
            $$"""
            private static {{plan.ClassName}} FromFile()
            {
                string path = IO::Path.Combine(System::AppContext.BaseDirectory, {{CSharpText.Literal(FileName(plan))}});
                if (!IO::File.Exists(path))
                    throw new IO::FileNotFoundException(
                        $"The weights of the network are missing: found no file '{path}', expected the .safetensors file of the .subp file "
                            + "this code was emitted from. Copy it there under this name, or call Load.",
                        path);
                try
                {
                    return Load(path);
                }
                catch (IO::InvalidDataException exception)
                {
                    throw new IO::InvalidDataException($"The file '{path}' cannot be used. {exception.Message}", exception);
                }
            }

            """
        );

    private static void WriteFromResource(CSharpWriter writer, ModelPlan plan) =>
        writer.Line(
            $$"""
            private const string ResourceName = {{CSharpText.Literal(ResourceName(plan))}};

            private static {{plan.ClassName}} FromResource()
            {
                IO::Stream? stream = typeof({{plan.ClassName}}).Assembly.GetManifestResourceStream(ResourceName);
                if (stream is not IO::UnmanagedMemoryStream resource)
                    throw new IO::InvalidDataException(
                        "The assembly holds no embedded weights: expected the resource '" + ResourceName + "'. Embed them, or call Load.");
                RequireLength(resource.Length);
                RequireStructure(resource.PositionPointer);
                return new {{plan.ClassName}}(resource.PositionPointer, resource);
            }

            """
        );

    private static void WriteCheck(CSharpWriter writer, WeightPlaces weights) =>
        writer.Line(
            $$"""
            private static void RequireLength(long found)
            {
                if (found != {{weights.FileLength}})
                    throw new IO::InvalidDataException(
                        $"The weights do not belong to this network: found {found} bytes, expected {{weights.FileLength}}. "
                            + "Use the .safetensors file of the .subp file this code was emitted from.");
            }

            // The file is canonical, so the structure hash always lies at the same place and nothing needs to be parsed.
            private static void RequireStructure(byte* weights)
            {
                if (!System::BitConverter.IsLittleEndian)
                    throw new System::PlatformNotSupportedException("The weights are little-endian; this processor is not.");
                System::ReadOnlySpan<byte> hash = "{{weights.StructureHash}}"u8;
                System::ReadOnlySpan<byte> found = new(weights + {{weights.HashOffset}}, hash.Length);
                if (*(long*)weights != {{weights.HeaderLength - 8}} || !System::MemoryExtensions.SequenceEqual(found, hash))
                    throw new IO::InvalidDataException(
                        $"The weights do not belong to this network: their header names another structure than {StructureHash}. "
                            + "Use the .safetensors file of the .subp file this code was emitted from.");
            }

            """
        );

    private static void WritePreparation(CSharpWriter writer, ModelPlan plan)
    {
        writer.Line("// Computes the constants; the memory comes zeroed.");
        using (writer.Block("private static void Prepare(byte* weights, float* constants)"))
        {
            new UnpackingCalls(plan, MemoryNames.Of(plan)).Write(writer);
        }

        writer.Line();
        foreach (var methods in plan.Constants.OfType<FamilyConstant>().SelectMany(constant => constant.Methods).Distinct())
            writer.Line(methods);
        UnpackingMethods.Write(
            writer,
            [.. plan.Source.Parameters.Where(parameter => parameter.Bits is not null).Select(parameter => parameter.Element).Distinct()]
        );
    }

    private static void WriteAlignedMemory(CSharpWriter writer) =>
        writer.Line(
            """
            /// <summary>
            /// Zeroed memory outside the managed heap that starts at a cache line and is freed at the latest by the garbage collector.
            /// </summary>
            private sealed class AlignedMemory : System::Runtime.ConstrainedExecution.CriticalFinalizerObject, System::IDisposable
            {
                private void* _allocated;

                // Fresh pages are zero as the system hands them out: nothing is written twice, and what is never used takes no memory.
                internal AlignedMemory(long bytes)
                {
                    _allocated = Interop::NativeMemory.AllocZeroed((System::UIntPtr)(bytes + 64));
                    Pointer = (byte*)(((ulong)_allocated + 63) / 64 * 64);
                }

                ~AlignedMemory() => Free();

                internal byte* Pointer { get; private set; }

                public void Dispose()
                {
                    Free();
                    System::GC.SuppressFinalize(this);
                }

                private void Free()
                {
                    Interop::NativeMemory.Free(_allocated);
                    _allocated = null;
                    Pointer = null;
                }
            }
            """
        );
}
