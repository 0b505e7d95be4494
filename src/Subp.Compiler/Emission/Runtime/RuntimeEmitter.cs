using Subp.Compiler.Planning;

namespace Subp.Compiler.Emission.Runtime;

/// <summary>
/// Writes everything of the emitted model class that is not a kernel: metadata, weights, sessions, threads and schedules. The parts meet
/// the kernels at one seam: per instruction set a nested class with <c>Run(Session, int thread, int layer, int end)</c>.
/// </summary>
internal static class RuntimeEmitter
{
    /// <summary>The files, in the order in which a reader wants them.</summary>
    /// <exception cref="Subp.Core.Diagnostics.SubpException">The namespace or the class name is not one that C# accepts.</exception>
    public static IReadOnlyList<EmittedFile> Emit(ModelPlan plan)
    {
        ClassNameCheck.Require(plan.Options.Namespace, plan.ClassName);
        var weights = WeightPlaces.Of(plan.Source);
        var files = new List<EmittedFile>
        {
            ModelFile.Write(plan, weights),
            WeightsFile.Write(plan, weights),
            MemoryFile.Write(plan, weights),
            SessionFile.Write(plan),
            ScheduleFile.Write(plan),
        };
        if (plan.Schedules.Any(schedule => schedule.Threads > 1))
            files.Add(ThreadsFile.Write(plan));
        return files;
    }
}
