using System.Runtime.ExceptionServices;
using Subp.Compiler.Planning;

namespace Subp.Compiler.Emission.Kernels;

/// <summary>Writes one file per layer and instruction set, and one run list per instruction set.</summary>
internal static class KernelEmitter
{
    /// <summary>The files, layers first.</summary>
    public static IReadOnlyList<EmittedFile> Emit(ModelPlan plan, CancellationToken cancellation)
    {
        var layers = Layers(plan, cancellation);
        var files = new List<EmittedFile>(layers.SelectMany(layer => layer.Files));
        var kernels = new List<IReadOnlyList<string>>();
        foreach (var (set, index) in plan.Options.InstructionSets.Select((set, index) => (set, index)))
        {
            var shared = KernelFamilies.WriteShared(plan, set);
            files.AddRange(shared.Select(file => file.File));
            kernels.Add([.. shared.Concat(layers.Select(layer => layer.OfSets[index])).SelectMany(file => file.Kernels)]);
        }

        if (HaloFile.Write(plan) is { } halos)
            files.Add(halos);
        if (FunctionsFile.Write(plan) is { } functions)
            files.Add(functions);
        if (BytesFile.Write(plan) is { } bytes)
            files.Add(bytes);
        if (VectorFunctionsFile.Write(plan) is { } vectors)
            files.Add(vectors);
        files.AddRange(plan.Options.InstructionSets.Select(set => RunListFile.Write(plan, set)));
        files.Add(CompileAheadFile.Write(plan, kernels));
        return files;
    }

    /// <summary>
    /// Layers know nothing of each other, and each has its place in the order: on several threads the answer is the same, only sooner.
    /// </summary>
    private static LayerFiles[] Layers(ModelPlan plan, CancellationToken cancellation)
    {
        var files = new LayerFiles[plan.Layers.Count];
        try
        {
            Parallel.For(
                0,
                files.Length,
                new ParallelOptions { CancellationToken = cancellation },
                index => files[index] = LayerFiles.Write(plan, plan.Layers[index].OfFamily)
            );
        }
        catch (AggregateException exception) when (exception.InnerException is not null)
        {
            // Callers are to see what a layer threw, not that several layers were written at once.
            ExceptionDispatchInfo.Capture(exception.InnerException).Throw();
        }

        return files;
    }
}
