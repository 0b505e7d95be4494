using Subp.Compiler.Planning.Layouts;
using Subp.Compiler.Planning.Scheduling;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;

namespace Subp.Compiler.Planning;

/// <summary>
/// Turns the graph of a bundle into a plan: runs the compile passes, gives every value a place, every node a kernel, every thread its work.
/// </summary>
public static class ModelPlanner
{
    /// <summary>Plans a packed graph.</summary>
    /// <param name="source">The graph of a bundle.</param>
    /// <param name="options">The compile options.</param>
    /// <param name="observer">Hears of each pass.</param>
    /// <exception cref="SubpException">The graph breaks a rule, or needs a kernel that does not exist.</exception>
    public static ModelPlan Plan(Graph source, CompileOptions options, PassObserver? observer = null)
    {
        var normalized = options with
        {
            InstructionSets = [.. options.InstructionSets.Append(InstructionSet.Portable).Distinct().OrderBy(set => set)],
            ThreadCounts = [.. options.ThreadCounts.Append(1).Distinct().OrderBy(count => count)],
        };
        if (normalized.ThreadCounts[0] < 1)
            throw new SubpException(
                DiagnosticDescriptors.InvalidCompileOption,
                "option 'threads'",
                InvariantText.Invariant($"a thread count of {normalized.ThreadCounts[0]}"),
                "at least 1"
            );

        var graph = PassPipeline.Compile(source, observer);
        var choices = JoinedNodes.Join(LayoutChoice.Choose(graph, normalized, observer));
        graph = choices.Graph;
        var arena = ArenaPlanner.Plan(graph, choices);
        var constants = new ConstantsBuilder();
        var layers = new LayerPlanner(source, arena, constants, choices).PlanAll();
        IReadOnlyList<Schedule> schedules = [.. normalized.ThreadCounts.Select(threads => Scheduler.Build(layers, threads))];
        return new ModelPlan
        {
            Graph = graph,
            Source = source,
            Options = normalized,
            ClassName = normalized.ClassName ?? Naming.ClassName(source.Name),
            Buffers = arena.Buffers,
            ArenaLength = arena.Length,
            ArenaLowerBound = arena.LowerBound,
            Layers = layers,
            Constants = constants.Constants,
            ConstantsLength = constants.Length,
            Schedules = schedules,
            DefaultThreadCounts = PayingThreadCounts.Of(layers, schedules, normalized.InstructionSets[0], normalized.Machine),
        };
    }
}
