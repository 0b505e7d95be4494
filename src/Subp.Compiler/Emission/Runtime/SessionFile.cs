using Subp.Compiler.Planning;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Emission.Runtime;

/// <summary>Writes the session: scratch memory, the run of one input, profiling, and what kernels may see of it all.</summary>
internal static class SessionFile
{
    /// <summary>The file <c>{Class}.Session.cs</c>.</summary>
    public static EmittedFile Write(ModelPlan plan)
    {
        var threaded = plan.Schedules.Any(schedule => schedule.Threads > 1);
        return ModelFileScope.Write(
            plan,
            ".Session",
            _ => { },
            writer =>
            {
                writer.Line(
                    """
                    /// <summary>
                    /// Runs the network. A session owns its scratch memory and its threads and serves one caller at a time; concurrent
                    /// callers each create one. The same instruction set and thread count give the same bits in every run.
                    /// </summary>
                    """
                );
                using (writer.Block("public sealed class Session : System::IDisposable"))
                {
                    WriteSeam(writer, plan);
                    WriteState(writer, plan, threaded);
                    WriteProperties(writer, plan);
                    RunMethods.Write(writer, plan);
                    WriteDisposal(writer);
                    WriteExclusion(writer, plan, threaded);
                    WriteExecution(writer, plan, threaded);
                }
            }
        );
    }

    private static void WriteSeam(CSharpWriter writer, ModelPlan plan)
    {
        writer.Line(
            "// What the run lists of the instruction sets work with. Input and output are the caller's, dense, valid during a run only."
        );
        foreach (var port in InterfaceText.Ports(plan))
            writer.Line($"internal {port.Element}* {port.Field};");
        writer.Line(
            """
            internal readonly float* Arena;
            internal readonly float* Constants;
            internal readonly byte* Weights;

            """
        );
    }

    private static void WriteState(CSharpWriter writer, ModelPlan plan, bool threaded)
    {
        if (plan.ScratchLength > 0)
            writer.Line(
                $$"""
                // What one thread needs beside the arena: {{ScratchText(plan)}}.
                private const int ScratchFloats = {{plan.ScratchLength}};

                """
            );
        var scratchField = plan.ScratchLength > 0 ? "\nprivate readonly AlignedMemory _scratch;" : "";
        var scratchCreation =
            plan.ScratchLength > 0 ? "\n    _scratch = new AlignedMemory((long)threads * ScratchFloats * sizeof(float));" : "";
        writer.Line(
            $$"""
            private const int Idle = 0;
            private const int Running = 1;
            private const int RunningAndDisposed = 2;
            private const int Disposed = 3;

            private readonly {{plan.ClassName}} _model;
            private readonly AlignedMemory _arena;{{scratchField}}
            private readonly int* _work;
            private readonly long[] _layerEnds;
            private int _state;
            """
        );
        if (threaded)
            writer.Line("private readonly ThreadTeam? _team;");
        writer.Line(
            $$"""

            internal Session({{plan.ClassName}} model, int threads, InstructionSet instructionSet)
            {
                _model = model;
                Weights = model._weights;
                Constants = (float*)model._constants.Pointer;
                Threads = threads;
                InstructionSet = instructionSet;
                _work = WorkTable(threads);
                _layerEnds = new long[{{plan.Layers.Count}} * threads];
                _arena = new AlignedMemory(ArenaBytes);
                Arena = (float*)_arena.Pointer;{{scratchCreation}}
            """
        );
        if (threaded)
            writer.Line("    _team = threads > 1 ? new ThreadTeam(threads) : null;");
        writer.Line("}").Line();
        if (threaded)
        {
            // Worker threads keep the team alive, not the session; so a forgotten session still becomes garbage.
            writer.Line(
                """
                /// <summary>Ends the threads of a session that nobody disposed.</summary>
                ~Session() => _team?.Stop(wait: false);

                """
            );
        }
    }

    private static string ScratchText(ModelPlan plan) =>
        plan.IsQuantized
            ? "the channels that a group of outputs reads, padded, or a row outside of an image"
            : "a block of transformed tiles and their products";

    private static void WriteProperties(CSharpWriter writer, ModelPlan plan) =>
        writer.Line(
            $$"""
            /// <summary>The number of threads, the caller's included.</summary>
            public int Threads { get; }

            /// <summary>The instruction set.</summary>
            public InstructionSet InstructionSet { get; }

            /// <summary>The names of the layers in the order of execution.</summary>
            public System::Collections.Generic.IReadOnlyList<string> LayerNames => s_layerNames;

            """
        );

    private static void WriteDisposal(CSharpWriter writer) =>
        writer.Line(
            """
            /// <summary>Frees the scratch memory and ends the threads. A run that is under way on another thread ends first.</summary>
            public void Dispose()
            {
                while (true)
                {
                    int state = Threading::Volatile.Read(ref _state);
                    if (state is RunningAndDisposed or Disposed)
                        return;
                    int next = state == Idle ? Disposed : RunningAndDisposed;
                    if (Threading::Interlocked.CompareExchange(ref _state, next, state) != state)
                        continue;
                    if (next == Disposed)
                        Release();
                    return;
                }
            }

            """
        );

    private static void WriteExclusion(CSharpWriter writer, ModelPlan plan, bool threaded)
    {
        RunMethods.WriteChecks(writer, plan);
        writer.Line(
            """
            private void Enter()
            {
                int state = Threading::Interlocked.CompareExchange(ref _state, Running, Idle);
                if (state == Running)
                    throw new System::InvalidOperationException(
                        "The session is running on another thread. Create one session per concurrent caller.");
                if (state != Idle)
                    throw new System::ObjectDisposedException("Session");
            }

            private void Leave()
            {
                if (Threading::Interlocked.CompareExchange(ref _state, Idle, Running) == Running)
                    return;
                Threading::Volatile.Write(ref _state, Disposed);
                Release();
            }

            private void Release()
            {
            """
        );
        if (threaded)
            writer.Line("    _team?.Stop(wait: true);");
        if (plan.ScratchLength > 0)
            writer.Line("    _scratch.Dispose();");
        writer.Line(
            """
                _arena.Dispose();
                System::GC.SuppressFinalize(this);
            }

            """
        );
    }

    private static void WriteExecution(CSharpWriter writer, ModelPlan plan, bool threaded)
    {
        RunMethods.WriteFixing(writer, plan);
        writer.Line(
            threaded
                ? """
                        if (_team is not null)
                            _team.Run(this, phases, profiled);
                        else
                            ComputePhases(phases, profiled);
                """
                : "        ComputePhases(phases, profiled);"
        );
        RunMethods.WriteUnfixing(writer, plan);
        writer.Line(
            """
                }

                System::GC.KeepAlive(this);
            }

            // A session of one thread.
            private void ComputePhases(int phases, bool profiled)
            {
                for (int phase = 0; phase < phases; phase++)
                    ComputePart(0, phase, profiled);
            }

            // One part: what one thread has to do in a phase, which is the layers from one barrier to the next, in a profiled run one
            // layer.
            internal void ComputePart(int thread, int phase, bool profiled)
            {
                if (profiled)
                {
                    ComputeLayers(thread, phase, phase + 1);
                    _layerEnds[phase * Threads + thread] = System::Diagnostics.Stopwatch.GetTimestamp();
                }
                else
                {
                    ComputeLayers(thread, _work[1 + phase], _work[2 + phase]);
                }
            }

            private void ComputeLayers(int thread, int layer, int end)
            {
            """
        );
        using (writer.Indented())
        {
            using (writer.Block("switch (InstructionSet)"))
            {
                foreach (var instructionSet in plan.Options.InstructionSets)
                {
                    writer.Line(
                        instructionSet == InstructionSet.Portable ? "default:" : Invariant($"case InstructionSet.{instructionSet}:")
                    );
                    using (writer.Indented())
                        writer.Line(
                            $$"""
                            {{instructionSet}}.Run(this, thread, layer, end);
                            break;
                            """
                        );
                }
            }
        }

        writer.Line(
            """
            }

            // The numbers of one thread in the table of the schedule, from one layer on.
            internal int* WorkOf(int thread, int layer) => _work + _work[_work[0] + 2 + layer * Threads + thread];
            """
        );
        if (plan.ScratchLength > 0)
            writer
                .Line()
                .Line(
                    """
                    // The scratch memory of the parts of one thread, whoever computes them.
                    internal float* ScratchOf(int thread) => (float*)_scratch.Pointer + (long)thread * ScratchFloats;
                    """
                );
    }
}
