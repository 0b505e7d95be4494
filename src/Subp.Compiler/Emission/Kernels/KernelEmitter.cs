using System.Runtime.ExceptionServices;
using Subp.Compiler.Emission.Runtime;
using Subp.Compiler.Planning;

namespace Subp.Compiler.Emission.Kernels;

/// <summary>Writes one file per layer with its kernels for every instruction set, and one run list per instruction set.</summary>
internal static class KernelEmitter
{
    /// <summary>The files, layers first.</summary>
    public static IReadOnlyList<EmittedFile> Emit(ModelPlan plan, CancellationToken cancellation)
    {
        var kernels = plan.Options.InstructionSets.Select(_ => new List<string>()).ToArray();
        var layers = Layers(plan, cancellation);
        var files = new List<EmittedFile>(layers.Select(layer => layer.File));
        foreach (var shared in KernelFamilies.WriteShared(plan))
        {
            files.Add(shared.File);
            for (var index = 0; index < kernels.Length; index++)
                kernels[index].AddRange(shared.Kernels[index]);
        }

        foreach (var layer in layers)
        {
            for (var index = 0; index < kernels.Length; index++)
                kernels[index].AddRange(layer.Kernels[index]);
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
    private static LayerFile[] Layers(ModelPlan plan, CancellationToken cancellation)
    {
        var files = new LayerFile[plan.Layers.Count];
        try
        {
            Parallel.For(
                0,
                files.Length,
                new ParallelOptions { CancellationToken = cancellation },
                index => files[index] = Layer(plan, plan.Layers[index].OfFamily)
            );
        }
        catch (AggregateException exception) when (exception.InnerException is not null)
        {
            // Callers are to see what a layer threw, not that several layers were written at once.
            ExceptionDispatchInfo.Capture(exception.InnerException).Throw();
        }

        return files;
    }

    private static LayerFile Layer(ModelPlan plan, FamilyPlan layer)
    {
        var kernels = new List<IReadOnlyList<string>>();
        var file = ModelFileScope.Write(
            plan,
            "." + layer.MethodStem,
            _ => { },
            writer =>
            {
                LayerIntroduction.Write(writer, plan, layer);
                KernelFamilies.WriteTables(writer, layer);
                var first = true;
                foreach (var set in plan.Options.InstructionSets)
                {
                    if (!first)
                        writer.Line();
                    first = false;
                    var methods = new CSharpWriter(wraps: false);
                    KernelFamilies.Write(methods, layer, set, plan);
                    kernels.Add(methods.Kernels);
                    using (writer.Block($"private static unsafe partial class {KernelText.ClassOf(set)}"))
                        writer.Line(methods.ToString().TrimEnd('\n'));
                }
            }
        );
        return new LayerFile(file, kernels);
    }

    /// <summary>The file of a layer, and the signatures of its kernels for each instruction set.</summary>
    private readonly record struct LayerFile(EmittedFile File, IReadOnlyList<IReadOnlyList<string>> Kernels);
}
