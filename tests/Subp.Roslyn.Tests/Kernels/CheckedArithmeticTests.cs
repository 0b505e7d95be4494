using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Subp.Compiler;
using Subp.Compiler.Emission;
using Subp.Compiler.Planning;
using Subp.Core.Weights;
using Subp.Roslyn.Tests.Emulation;
using Subp.Roslyn.Tests.Families;
using Subp.Testing;
using Xunit;

namespace Subp.Roslyn.Tests.Kernels;

/// <summary>
/// A project with &lt;CheckForOverflowUnderflow&gt; compiles emitted code in a checked context, in which nothing may depend on integers
/// that wrap, pointers that go back by negative distances among them.
/// </summary>
[Trait("speed", "slow")]
public sealed class CheckedArithmeticTests : IDisposable
{
    private static readonly string[] s_integerNames = ["conv-3x3", "conv-stem", "depthwise-3-2", "sparse-3x3-n16", "pool"];

    private static readonly Dictionary<string, KernelCase> s_cases = Cases().Sample(3).ToDictionary(kernelCase => kernelCase.Name);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("subp-checked-");

    public static TheoryData<string> CaseNames => [.. s_cases.Keys];

    [Theory]
    [MemberData(nameof(CaseNames))]
    public void A_project_that_checks_overflow_gets_the_outputs_of_the_reference(string name)
    {
        InstructionEmulation.SwitchOn();
        var kernelCase = s_cases[name];
        var (plan, assembly) = Compile(kernelCase);
        KernelFixture.Build(_folder.FullName, kernelCase, plan, assembly);
        KernelRunner.Check(_folder.FullName, name, model => model.InstructionSets, largestThreadCountOnly: true);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    // Kernels are written unchecked as a whole, and go back where a window leaves the image. The methods that unpack, check and repack
    // weights are written otherwise, and these cases have them.
    private static IEnumerable<KernelCase> Cases() =>
        [
            .. FewBitsCases.All(),
            .. IntegerCases.All().Where(kernelCase => s_integerNames.Any(kernelCase.Name.Contains)),
            .. TransposedConvolutionCases.All().Take(2),
            .. WinogradCases.All().Take(2),
            .. StripeCases.All().Take(2),
            .. SparseConvolutionCases.All().Take(2),
            .. DenseLayerCases.All().Take(4),
        ];

    // The same as other cases, but for one option of the C# compiler.
    private static (ModelPlan Plan, byte[] Assembly) Compile(KernelCase kernelCase)
    {
        var model = PassPipeline.Pack(kernelCase.Model);
        var plan = ModelPlanner.Plan(model.Graph, kernelCase.Options);
        var resource = $"{plan.Options.Namespace}.{plan.ClassName}.safetensors";
        var sources = InstructionEmulation
            .Prepare(ModelEmitter.Emit(plan), InstructionEmulation.Missing)
            .Append(ModelAssemblyCompiler.AssemblyAttributes(plan.ClassName, resource));
        var weights = ModelBundle.Write(model).Safetensors;
        var compilation = CSharpCompilation.Create(
            plan.ClassName,
            sources.Select(source => CSharpSyntaxTree.ParseText(source.Text, path: source.Name)),
            ReferenceAssemblies.All,
            ModelAssemblyCompiler.CompilationOptions.WithOverflowChecks(true)
        );
        using var assembly = new MemoryStream();
        var result = compilation.Emit(
            assembly,
            manifestResources: [new ResourceDescription(resource, () => new MemoryStream(weights, writable: false), isPublic: true)]
        );
        Assert.True(result.Success, string.Join("\n", result.Diagnostics.Take(5)));
        return (plan, assembly.ToArray());
    }
}
