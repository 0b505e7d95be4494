using Subp.Compiler.Planning;
using Subp.Core.Graphs;

namespace Subp.Compiler.Emission.Runtime;

/// <summary>Writes the public face of the model: what it is, what goes in and out, and how sessions are made.</summary>
internal static class ModelFile
{
    /// <summary>The file <c>{Class}.cs</c>.</summary>
    public static EmittedFile Write(ModelPlan plan, WeightPlaces weights) =>
        ModelFileScope.Write(
            plan,
            "",
            writer => WriteClassDocumentation(writer, plan),
            writer =>
            {
                WriteInterface(writer, plan);
                WriteFacts(writer, plan, weights);
                WriteInstructionSets(writer, plan);
                WriteSessions(writer, plan);
                WriteKernelCode(writer);
            }
        );

    private static void WriteClassDocumentation(CSharpWriter writer, ModelPlan plan)
    {
        writer.Line(
            $"""
            /// <summary>
            /// The network <c>{CSharpText.Documentation(plan.Source.Name)}</c>, compiled: {PortFacts.Sentence(plan)}.
            /// The object holds the weights; it is immutable and may be shared by all threads. Each concurrent caller creates a session of
            /// its own.
            /// </summary>
            /// <remarks>
            /// <code>
            """
        );
        foreach (var line in LayerTable.Lines(plan))
            writer.Line("/// " + CSharpText.Documentation(line));
        writer.Line("/// </code>");
        if (plan.Buffers.Count > 0)
        {
            writer.Line("/// The arena:").Line("/// <code>");
            foreach (var line in ArenaMap.Lines(plan))
                writer.Line("/// " + CSharpText.Documentation(line));
            writer.Line("/// </code>");
        }

        writer.Line(
            $"""
            /// </remarks>
            [System::CodeDom.Compiler.GeneratedCode("subp", {CSharpText.Literal(plan.Options.ToolVersion)})]
            """
        );
    }

    private static void WriteInterface(CSharpWriter writer, ModelPlan plan)
    {
        var metadata = plan.Source.Metadata;
        writer.Line(
            $$"""
            /// <summary>The name of the network.</summary>
            public static string ModelName => {{CSharpText.Literal(plan.Source.Name)}};

            """
        );
        PortFacts.Write(writer, plan);
        writer.Line(
            $$"""
            /// <summary>The names of the classes in the order of the output; empty where the network has none.</summary>
            public static System::Collections.Generic.IReadOnlyList<string> ClassNames { get; } = {{StringList(metadata.ClassNames)}};

            /// <summary>Per input channel, the mean to subtract from pixel values in [0, 1]; empty where unknown.</summary>
            public static System::ReadOnlySpan<float> NormalizationMean => {{FloatSpan(metadata.NormalizationMean)}};

            /// <summary>
            /// Per input channel, the standard deviation to divide by after the mean was subtracted; empty where unknown.
            /// </summary>
            public static System::ReadOnlySpan<float> NormalizationDeviation => {{FloatSpan(metadata.NormalizationDeviation)}};

            """
        );
    }

    private static void WriteFacts(CSharpWriter writer, ModelPlan plan, WeightPlaces weights)
    {
        writer.Line(
            $$"""
            /// <summary>The sha256 of the structure of the network. Weights that bear another are refused.</summary>
            public static string StructureHash => {{CSharpText.Literal(weights.StructureHash)}};

            /// <summary>The share of the weights of convolutions and linear layers that is pruned, 0 to 1.</summary>
            public static double Sparsity => {{CSharpText.Fixed(Sparsity(plan.Source), 6)}};

            /// <summary>The bytes of scratch memory of one session.</summary>
            public static long ArenaBytes => {{(long)plan.ArenaLength * sizeof(float)}};

            /// <summary>The options the network was compiled with, as on the command line.</summary>
            public static string CompileOptions => {{CSharpText.Literal(OptionsText.Of(plan.Options))}};

            /// <summary>The thread counts that have a schedule, ascending.</summary>
            public static System::ReadOnlySpan<int> SupportedThreadCounts => new int[] { {{CSharpText.Numbers(
                plan.Schedules.Select(schedule => schedule.Threads)
            )}} };

            /// <summary>The names of the layers in the order of execution.</summary>
            public static System::Collections.Generic.IReadOnlyList<string> LayerNames => s_layerNames;

            private static readonly System::Collections.Generic.IReadOnlyList<string> s_layerNames =
                {{StringList([.. plan.Layers.Select(layer => layer.Node.Name)])}};

            """
        );
    }

    private static void WriteInstructionSets(CSharpWriter writer, ModelPlan plan)
    {
        var sets = plan.Options.InstructionSets;
        writer.Line("/// <summary>The instruction sets that the network was compiled for.</summary>");
        using (writer.Block("public enum InstructionSet"))
        {
            foreach (var instructionSet in sets.Reverse())
            {
                writer.Line(
                    instructionSet switch
                    {
                        InstructionSet.Avx512 => "/// <summary>AVX-512F: sixteen floats a register.</summary>",
                        InstructionSet.Avx2 => "/// <summary>AVX2 with FMA: eight floats a register.</summary>",
                        _ => "/// <summary>Runs on every processor.</summary>",
                    }
                );
                // The numbers do not depend on which sets were emitted.
                writer.Line($"{instructionSet} = {(int)InstructionSet.Portable - (int)instructionSet},");
            }
        }

        writer.Line();
        writer.Line("/// <summary>The best of the compiled instruction sets that this processor has.</summary>");
        writer.Line("public static InstructionSet BestInstructionSet { get; } =");
        using (writer.Indented())
        {
            foreach (var instructionSet in sets.Where(candidate => candidate != InstructionSet.Portable))
                writer.Line($"IsSupported(InstructionSet.{instructionSet}) ? InstructionSet.{instructionSet} :");
            writer.Line("InstructionSet.Portable;");
        }

        writer
            .Line()
            .Line(
                """
                /// <summary>True where this processor has an instruction set.</summary>
                /// <param name="instructionSet">The instruction set.</param>
                """
            );
        using (writer.Block("public static bool IsSupported(InstructionSet instructionSet) => instructionSet switch", "};"))
        {
            if (sets.Contains(InstructionSet.Avx512))
                writer.Line(
                    """
                    // Not Vector512.IsHardwareAccelerated: that is false where .NET merely prefers shorter vectors, and these kernels run
                    // well there too.
                    """
                );
            if (sets.Contains(InstructionSet.Avx512))
                writer.Line(
                    plan.IsQuantized
                        ? "InstructionSet.Avx512 => X86::Avx512F.IsSupported && X86::Avx512BW.IsSupported,"
                        : "InstructionSet.Avx512 => X86::Avx512F.IsSupported,"
                );
            if (sets.Contains(InstructionSet.Avx2))
                writer.Line("InstructionSet.Avx2 => X86::Avx2.IsSupported && X86::Fma.IsSupported,");
            writer.Line(
                """
                InstructionSet.Portable => true,
                _ => false,
                """
            );
        }

        writer.Line();
    }

    private static void WriteSessions(CSharpWriter writer, ModelPlan plan)
    {
        var alternatives = string.Join(" or ", plan.Schedules.Select(schedule => CSharpText.Number(schedule.Threads)));
        var counts = CSharpText.Numbers(plan.Schedules.Select(schedule => schedule.Threads));
        writer.Line(
            $$"""
            /// <summary>Creates a session with the best instruction set of this processor.</summary>
            /// <param name="threads">
            /// The number of threads, the caller's included: {{counts}}. 0 {{DefaultChoice(plan)}}
            /// </param>
            /// <returns>The session; it owns its scratch memory and threads until it is disposed.</returns>
            /// <exception cref="System::ArgumentOutOfRangeException">There is no schedule for <paramref name="threads"/>.</exception>
            public Session CreateSession(int threads = 0) => CreateSession(threads, BestInstructionSet);

            /// <summary>Creates a session with a given instruction set.</summary>
            /// <param name="threads">The number of threads as in <see cref="CreateSession(int)"/>.</param>
            /// <param name="instructionSet">The instruction set.</param>
            /// <returns>The session; it owns its scratch memory and threads until it is disposed.</returns>
            /// <exception cref="System::ArgumentOutOfRangeException">There is no schedule for <paramref name="threads"/>.</exception>
            /// <exception cref="System::PlatformNotSupportedException">The processor lacks <paramref name="instructionSet"/>.</exception>
            public Session CreateSession(int threads, InstructionSet instructionSet)
            {
                if (threads is not (0 or {{alternatives}}))
                    throw new System::ArgumentOutOfRangeException(
                        "threads", threads, "Compiled thread counts: {{counts}}; 0 chooses among them.");
                if (!IsSupported(instructionSet))
                    throw new System::PlatformNotSupportedException(
                        $"This processor lacks {instructionSet}; the best it has is {BestInstructionSet}.");
                return new Session(this, threads == 0 ? DefaultThreads() : threads, instructionSet);
            }

            """
        );
        WriteDefaultThreads(writer, plan);
    }

    private static string DefaultChoice(ModelPlan plan)
    {
        var counts = plan.DefaultThreadCounts;
        if (counts.Count == plan.Schedules.Count)
            return "takes the largest of these that is not above the processors\n/// this process may use.";
        return counts.Count == 1
            ? $"takes {counts[0]}: by the predicted times of this network\n/// more threads gain too little."
            : $"takes the largest of {CSharpText.Numbers(counts)} that is not"
                + "\n/// above the processors this process may use; other counts gain too little by the predicted times.";
    }

    private static void WriteDefaultThreads(CSharpWriter writer, ModelPlan plan)
    {
        writer.Line(
            """
            // Thread counts that pay by the predicted times of layers and barriers: each wins at least half of what it could win at best
            // over the one before.
            """
        );
        var counts = plan.DefaultThreadCounts;
        if (counts.Count == 1)
        {
            writer.Line($"private static int DefaultThreads() => {counts[0]};");
            return;
        }

        writer.Line("// ProcessorCount honours affinity masks and container limits.");
        using (writer.Block("private static int DefaultThreads() => System::Environment.ProcessorCount switch", "};"))
        {
            foreach (var count in counts.Skip(1).Reverse())
                writer.Line($">= {count} => {count},");
            writer.Line($"_ => {counts[0]},");
        }
    }

    // A symbol and not an option of ours, so that the emitted bytes do not depend on how a program is published.
    private static void WriteKernelCode(CSharpWriter writer) =>
        writer
            .Line()
            .Line(
                """
                #if SUBP_PRECOMPILED
                // For ReadyToRun images, which leave out methods that ask for full optimisation.
                private const Runtime::MethodImplOptions KernelCode = 0;
                #else
                // Compiled in full at their first call: unoptimised kernels take eight times as long, and would run thirty times.
                private const Runtime::MethodImplOptions KernelCode = Runtime::MethodImplOptions.AggressiveOptimization;
                #endif
                """
            );

    private static double Sparsity(Graph graph)
    {
        double all = 0,
            kept = 0;
        foreach (var parameter in graph.Parameters.Where(parameter => parameter.Shape.Rank is 2 or 4))
        {
            all += parameter.Shape.ElementCount;
            kept += parameter.Shape.ElementCount * (1 - (parameter.Pattern?.Sparsity ?? 0));
        }

        return all > 0 ? 1 - (kept / all) : 0;
    }

    private static string StringList(IReadOnlyList<string> values) =>
        values.Count == 0
            ? "System::Array.Empty<string>()"
            : "System::Array.AsReadOnly(new[] { " + string.Join(", ", values.Select(CSharpText.Literal)) + " })";

    private static string FloatSpan(IReadOnlyList<float> values) =>
        values.Count == 0 ? "default" : "new float[] { " + string.Join(", ", values.Select(CSharpText.Literal)) + " }";
}
