using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Subp.Compiler;
using Subp.Compiler.Emission;
using Subp.Compiler.Planning;
using Subp.Core.Interpretation;
using Subp.Core.Weights;
using Subp.Roslyn.Tests.Emulation;
using Subp.Testing;

namespace Subp.Roslyn.Tests.Kernels;

/// <summary>
/// Compiles every case once, the whole way of a network, into a temporary folder: <c>{case}.dll</c>, <c>{case}.input</c> and
/// <c>{case}.expected</c>, the output of the reference interpreter for the network before packing. Child processes run the same files.
/// Instructions that this processor lacks are emulated in this process, so that every kernel runs everywhere.
/// </summary>
public sealed class KernelFixture : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("subp-kernels-");
    private readonly ConcurrentDictionary<string, Exception> _failures = new();

    public KernelFixture()
    {
        InstructionEmulation.SwitchOn();
        Parallel.ForEach(Cases(), new ParallelOptions { MaxDegreeOfParallelism = 2 }, Build);
    }

    /// <summary>The folder of the compiled cases.</summary>
    public string Folder => _folder.FullName;

    /// <summary>All cases.</summary>
    internal static IEnumerable<KernelCase> Cases() =>
        [
            .. SparseConvolutionCases.All(),
            .. DenseLayerCases.All(),
            .. BranchCases.All(),
            .. ShapeCases.All(),
            .. WinogradCases.All(),
            .. PhasedStemCases.All(),
            .. ExactSumCases.All(),
            .. PointwiseCases.All(),
            .. StripeCases.All(),
            .. RandomStripeCases.All(),
            .. RandomStemCases.All(),
            .. PackedCases.All(),
            .. FewBitsCases.All(),
            .. HintCases.All(),
            .. RandomCases.All().Sample(2),
            .. RandomIntegerCases.All().Sample(2),
            .. RandomCutCases.All(),
            .. ManyThreadsCases.All(),
        ];

    /// <summary>Throws what went wrong when the case was compiled.</summary>
    public void RequireCompiled(string name)
    {
        if (_failures.TryGetValue(name, out var failure))
            throw new InvalidOperationException($"The case '{name}' does not compile: {failure.Message}", failure);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private void Build(KernelCase kernelCase)
    {
        try
        {
            Build(Folder, kernelCase);
        }
        catch (Exception failure)
        {
            _failures[kernelCase.Name] = failure;
        }
    }

    /// <summary>Compiles one case.</summary>
    /// <param name="kernelCase">The case.</param>
    /// <param name="emulated">Classes of instructions to emulate besides those that this processor lacks.</param>
    internal static (ModelPlan Plan, CompiledAssembly Assembly) Compile(KernelCase kernelCase, params string[] emulated)
    {
        var model = PassPipeline.Pack(kernelCase.Model);
        var plan = ModelPlanner.Plan(model.Graph, kernelCase.Options);
        var assembly = ModelAssemblyCompiler.Compile(
            InstructionEmulation.Prepare(ModelEmitter.Emit(plan), InstructionEmulation.Missing.Concat(emulated)),
            ModelBundle.Write(model).Safetensors,
            plan.ClassName,
            $"{plan.Options.Namespace}.{plan.ClassName}.safetensors"
        );
        return (plan, assembly);
    }

    /// <summary>Compiles one case into a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="kernelCase">The case.</param>
    /// <param name="emulated">Classes of instructions to emulate besides those that this processor lacks.</param>
    internal static void Build(string folder, KernelCase kernelCase, params string[] emulated)
    {
        var (plan, assembly) = Compile(kernelCase, emulated);
        Build(folder, kernelCase, plan, assembly.Assembly);
    }

    /// <summary>Writes one case that is compiled into a folder.</summary>
    internal static void Build(string folder, KernelCase kernelCase, ModelPlan plan, byte[] assembly)
    {
        var input = plan.Source.Inputs[0].Type.Quantization is null
            ? RandomWeights.Input(plan.InputShape, seed: 2)
            : RandomWeights.Bytes(plan.InputShape, seed: 2);
        var expected = new float[plan.OutputShape.ElementCount];
        new ReferenceInterpreter(kernelCase.Model).Run(input, expected);
        File.WriteAllBytes(KernelRunner.Path(folder, kernelCase.Name, "input"), MemoryMarshal.AsBytes<float>(input));
        File.WriteAllBytes(KernelRunner.Path(folder, kernelCase.Name, "expected"), MemoryMarshal.AsBytes<float>(expected));
        File.WriteAllBytes(KernelRunner.Path(folder, kernelCase.Name, "dll"), assembly);
    }
}
