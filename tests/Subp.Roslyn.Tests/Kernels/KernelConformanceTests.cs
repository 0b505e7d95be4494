using Subp.Compiler;
using Subp.Compiler.Families.DirectConvolutions;
using Subp.Compiler.Families.StripedConvolutions;
using Subp.Compiler.Families.Winograd;
using Subp.Compiler.Planning;
using Subp.Core.Operators;
using Subp.Roslyn.Tests.Emulation;
using Subp.Testing;
using Xunit;
using Xunit.Abstractions;

namespace Subp.Roslyn.Tests.Kernels;

/// <summary>Every emitted kernel agrees with the reference interpreter on every instruction set and thread count.</summary>
[Trait("speed", "slow")]
public sealed class KernelConformanceTests(KernelFixture fixture, ITestOutputHelper output) : IClassFixture<KernelFixture>
{
    public static TheoryData<string> CaseNames => [.. KernelFixture.Cases().Select(kernelCase => kernelCase.Name)];

    [Theory]
    [MemberData(nameof(CaseNames))]
    public void All_instruction_sets_and_thread_counts_agree_with_the_reference(string name)
    {
        fixture.RequireCompiled(name);
        KernelRunner.Check(
            fixture.Folder,
            name,
            model =>
            {
                output.WriteLine(string.Join("; ", model.InstructionSets.Select(InstructionEmulation.Describe)));
                return model.InstructionSets;
            }
        );
    }

    [Fact]
    public void The_Winograd_cases_are_computed_in_the_Winograd_domain() =>
        Assert.All(
            WinogradCases.All(),
            kernelCase =>
            {
                var layers = ModelPlanner
                    .Plan(PassPipeline.Pack(kernelCase.Model).Graph, new CompileOptions { Hints = kernelCase.Hints })
                    .Layers;
                var windows = layers.Where(layer => layer.Node.Operator is Conv2d { Window: { Kernel: { Height: 3, Width: 3 } } });
                Assert.All(windows, layer => Assert.IsType<WinogradPlan>(layer));
            }
        );

    [Fact]
    public void The_stripe_cases_are_computed_over_stripes() =>
        Assert.All(
            StripeCases.All(),
            kernelCase =>
            {
                var layers = ModelPlanner
                    .Plan(PassPipeline.Pack(kernelCase.Model).Graph, new CompileOptions { Hints = kernelCase.Hints })
                    .Layers;
                var points = layers.Where(layer => layer.Node.Operator is Conv2d { Window: { Kernel: { Height: 1, Width: 1 } } });
                Assert.All(points, layer => Assert.IsType<StripedConvolutionPlan>(layer));
            }
        );

    [Fact]
    public void The_random_networks_of_stripes_have_layers_over_stripes_and_over_blocks()
    {
        var layers = RandomStripeCases
            .All()
            .SelectMany(kernelCase =>
                ModelPlanner.Plan(PassPipeline.Pack(kernelCase.Model).Graph, new CompileOptions { Hints = kernelCase.Hints }).Layers
            )
            .ToArray();
        Assert.InRange(layers.Count(layer => layer is StripedConvolutionPlan), 20, layers.Length);
        Assert.InRange(layers.Count(layer => layer is ConvolutionPlan), 10, layers.Length);
    }

    [Fact]
    public void A_processor_without_Avx512_runs_Avx2()
    {
        // Where there is nothing to switch off, every other test runs AVX2.
        if (System.Runtime.Intrinsics.X86.Avx512F.IsSupported)
            ChildProcess.Check(RunAvx2, fixture.Folder, "DOTNET_EnableAVX512=0");
    }

    [Fact]
    public void A_processor_without_vector_instructions_runs_portable_code() =>
        ChildProcess.Check(RunPortable, fixture.Folder, "DOTNET_EnableHWIntrinsic=0");

    [Fact]
    public void Every_emitted_method_stays_within_what_the_JIT_optimises()
    {
        var longest = 0;
        foreach (var file in Directory.GetFiles(fixture.Folder, "*.dll"))
        {
            foreach (var method in IntermediateCode.MethodsOf(file))
            {
                var place = $"{Path.GetFileName(file)}, {method.Name}";
                Assert.True(method.Instructions < 20_000, $"{place}: {method.Instructions} instructions");
                Assert.True(method.Bytes < 60_000, $"{place}: {method.Bytes} bytes");
                Assert.True(method.Locals < 2_000, $"{place}: {method.Locals} locals");
                longest = Math.Max(longest, method.Instructions);
            }
        }

        // Groups were cut to the budget, not far below it.
        Assert.True(longest > 10_000, $"The longest method has {longest} instructions; no case comes near the limit.");
    }

    [Fact]
    public void A_run_allocates_nothing_on_any_thread() => ChildProcess.Check(RunWithoutAllocation, fixture.Folder);

    [Fact]
    public void Sessions_that_run_at_once_compute_what_they_compute_alone()
    {
        const string Name = "wide-blocks-Full";
        fixture.RequireCompiled(Name);
        using var model = LoadedModel.Load(KernelRunner.Path(fixture.Folder, Name, "dll"));
        var input = KernelRunner.Floats(KernelRunner.Path(fixture.Folder, Name, "input"));
        float[][] inputs = [input, [.. input.Select(value => value * -0.5f)]];
        var alone = inputs.Select(values => Repeat(model, values, 1)).ToArray();
        Parallel.For(0, inputs.Length, caller => Assert.True(KernelRunner.SameBits(alone[caller], Repeat(model, inputs[caller], 50))));
        Assert.False(KernelRunner.SameBits(alone[0], alone[1]));
    }

    private static float[] Repeat(LoadedModel model, float[] input, int runs)
    {
        using var session = model.CreateSession(2);
        var output = new float[model.OutputLength];
        for (var run = 0; run < runs; run++)
            session.Run(input, output);
        return output;
    }

    private static void RunAvx2(string folder) => KernelRunner.CheckAll(folder, InstructionSet.Avx2);

    private static void RunPortable(string folder) => KernelRunner.CheckAll(folder, InstructionSet.Portable);

    private static void RunWithoutAllocation(string folder)
    {
        using var model = LoadedModel.Load(KernelRunner.Path(folder, "lenet", "dll"));
        var input = KernelRunner.Floats(KernelRunner.Path(folder, "lenet", "input"));
        var output = new float[model.OutputLength];
        foreach (var threads in new[] { 1, 2 })
        {
            using var session = model.CreateSession(threads);
            // The count is that of the whole process, in which the runtime itself may allocate now and then; code that allocates does so
            // always.
            Assert.Contains(Enumerable.Range(0, 5), _ => AllocatedBy(session, input, output) == 0);
        }
    }

    private static long AllocatedBy(ILoadedSession session, float[] input, float[] output)
    {
        for (var run = 0; run < 50; run++)
            session.Run(input, output);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        for (var run = 0; run < 50; run++)
            session.Run(input, output);
        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }
}
