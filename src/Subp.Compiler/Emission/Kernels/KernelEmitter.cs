using System.Runtime.ExceptionServices;
using Subp.Compiler.Emission.Kernels.Winograd;
using Subp.Compiler.Emission.Runtime;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Convolutions;
using Subp.Compiler.Planning.Layers;
using Subp.Compiler.Planning.Winograd;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Emission.Kernels;

/// <summary>Writes one file per layer with its kernels for every instruction set, and one run list per instruction set.</summary>
internal static class KernelEmitter
{
    /// <summary>The files, layers first.</summary>
    public static IReadOnlyList<EmittedFile> Emit(ModelPlan plan, CancellationToken cancellation)
    {
        var winograd = new WinogradParts(plan);
        var kernels = plan.Options.InstructionSets.Select(_ => new List<string>()).ToArray();
        var layers = Layers(plan, winograd, cancellation);
        var files = new List<EmittedFile>(layers.Select(layer => layer.File));
        if (winograd.Layers.Count > 0)
            files.Add(WinogradFile.Write(plan, winograd, (index, signatures) => kernels[index].AddRange(signatures)));
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
    private static LayerFile[] Layers(ModelPlan plan, WinogradParts winograd, CancellationToken cancellation)
    {
        var files = new LayerFile[plan.Layers.Count];
        try
        {
            Parallel.For(
                0,
                files.Length,
                new ParallelOptions { CancellationToken = cancellation },
                index => files[index] = Layer(plan, plan.Layers[index], winograd)
            );
        }
        catch (AggregateException exception) when (exception.InnerException is not null)
        {
            // Callers are to see what a layer threw, not that several layers were written at once.
            ExceptionDispatchInfo.Capture(exception.InnerException).Throw();
        }

        return files;
    }

    private static LayerFile Layer(ModelPlan plan, LayerPlan layer, WinogradParts winograd)
    {
        var kernels = new List<IReadOnlyList<string>>();
        var file = ModelFileScope.Write(
            plan,
            "." + layer.MethodStem,
            _ => { },
            writer =>
            {
                WriteTables(writer, layer);
                var first = true;
                foreach (var set in plan.Options.InstructionSets)
                {
                    if (!first)
                        writer.Line();
                    first = false;
                    var methods = new CSharpWriter(wraps: false);
                    WriteKernels(methods, layer, set, winograd);
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

    private static void WriteTables(CSharpWriter writer, LayerPlan layer)
    {
        if (layer is ConvolutionPlan convolution)
            ConvolutionWriter.WriteTables(writer, convolution);
        if (layer is FamilyPlan family)
            KernelFamilies.WriteTables(writer, family);
        if (layer is ChannelGatherPlan gather)
            ChannelGatherWriter.WriteTables(writer, gather);
        if (layer is WinogradPlan { Pattern: var pattern } plan)
            PatternTables.Write(
                writer,
                plan,
                pattern,
                pattern.IsFull ? 1 : pattern.Groups,
                channel => (channel / 16 * plan.TransformedBlockStride) + (channel % 16)
            );
    }

    private static void WriteKernels(CSharpWriter writer, LayerPlan layer, InstructionSet set, WinogradParts winograd)
    {
        switch (layer)
        {
            case ConvolutionPlan plan:
                new ConvolutionWriter(plan, set).Write(writer);
                break;
            case WinogradPlan plan:
                new WinogradLayerWriter(plan, set, winograd).Write(writer);
                break;
            case DepthwisePlan plan:
                DepthwiseWriter.Write(writer, plan, set);
                break;
            case PoolPlan plan:
                PoolWriter.Write(writer, plan, set);
                break;
            case GlobalPoolPlan plan:
                GlobalPoolWriter.Write(writer, plan, set);
                break;
            case LinearPlan plan:
                LinearWriter.Write(writer, plan, set);
                break;
            case SoftmaxPlan plan:
                SoftmaxWriter.Write(writer, plan, set);
                break;
            case ElementwisePlan plan:
                ElementwiseWriter.Write(writer, plan, set);
                break;
            case ChannelGatherPlan plan:
                ChannelGatherWriter.Write(writer, plan, set);
                break;
            case WindowCopyPlan plan:
                WindowCopyWriter.Write(writer, plan, set);
                break;
            case CopyPlan plan:
                CopyWriter.Write(writer, plan, set);
                break;
            case FamilyPlan plan:
                KernelFamilies.Write(writer, plan, set);
                break;
            default:
                throw new InvalidOperationException(Invariant($"No writer for the plan {layer.GetType().Name}."));
        }
    }
}
