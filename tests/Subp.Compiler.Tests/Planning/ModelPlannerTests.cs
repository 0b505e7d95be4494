using Subp.Compiler.Emission;
using Subp.Compiler.Families.Convolutions;
using Subp.Compiler.Families.DirectConvolutions;
using Subp.Compiler.Planning;
using Subp.Compiler.Tests.Passes;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Xunit;

namespace Subp.Compiler.Tests.Planning;

public sealed class ModelPlannerTests
{
    private const string Relu = "node y: f32[1,4] = relu(x)\noutput y";

    [Theory]
    [InlineData(
        "input x: f32[1,4]\ninput z: f32[1,4]\nnode y: f32[1,4] = add(x, z)\noutput y",
        "public void Run(System::ReadOnlySpan<float> x, System::ReadOnlySpan<float> z, System::Span<float> output)"
    )]
    [InlineData(
        "input x: f32[1,4]\nnode class: f32[1,4] = relu(x)\noutput class\noutput x",
        "public void Run(System::ReadOnlySpan<float> input, System::Span<float> class_, System::Span<float> x)"
    )]
    public void Several_inputs_and_outputs_are_parameters_with_their_names(string text, string signature)
    {
        var files = ModelEmitter.Emit(ModelPlanner.Plan(PassText.Parse(text), new CompileOptions()));
        Assert.Contains(
            signature,
            files.Single(file => file.Name.EndsWith(".Session.cs", StringComparison.Ordinal)).Text,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_block_length_without_a_kernel_is_refused() =>
        Refused(
            "SUBP0602",
            "1x2 blocks",
            "input x: f32[1,4,2,2]\nparam w: f32[2,4,1,1] sparse 1x2\n  group 0: 1 3\nnode y: f32[1,2,2,2] = conv2d(x) weight=w "
                + "kernel=[1,1]\noutput y"
        );

    [Fact]
    public void Blocks_in_a_grouped_convolution_are_refused() =>
        Refused(
            "SUBP0602",
            "1x4 blocks in a convolution of 2 groups",
            "input x: f32[1,4,2,2]\nparam w: f32[4,2,1,1] sparse 1x4\n  group 0: 1\nnode y: f32[1,4,2,2] = conv2d(x) weight=w "
                + "kernel=[1,1] groups=2\noutput y"
        );

    [Fact]
    public void An_operator_without_a_kernel_is_refused()
    {
        var builder = new GraphBuilder("net");
        builder.Output(builder.Node("y", new Unplanned(), builder.Input("x", new TensorShape(1, 4))));
        Refused("SUBP0604", "the operator unplanned for [1,4]", builder.Build(), new CompileOptions());
    }

    [Theory]
    [InlineData]
    [InlineData(4)]
    [InlineData(1, 4, 6)]
    [InlineData(1, 2, 2, 2, 2)]
    [InlineData(1, 2, 1, 2, 1, 2, 3, 2)]
    public void A_value_that_is_neither_an_image_nor_a_vector_is_dense(params int[] dimensions)
    {
        var builder = new GraphBuilder("net");
        builder.Output(builder.Node("y", Activate.Relu, builder.Input("x", new TensorShape(dimensions))));
        var layer = Assert.Single(ModelPlanner.Plan(builder.Build(), new CompileOptions()).Layers);
        Assert.Equal(Layout.Dense, layer.Node.Layout);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-3)]
    public void A_thread_count_below_one_is_refused(int threads) =>
        Refused(
            "SUBP0603",
            $"a thread count of {threads}",
            "input x: f32[1,4]\n" + Relu,
            new CompileOptions { ThreadCounts = [2, threads] }
        );

    [Fact]
    public void Options_are_put_in_order_and_completed()
    {
        var options = new CompileOptions
        {
            ThreadCounts = [4, 2, 4],
            InstructionSets = [InstructionSet.Avx2, InstructionSet.Avx512, InstructionSet.Avx2],
        };
        var plan = ModelPlanner.Plan(PassText.Parse("input x: f32[1,4]\n" + Relu), options);
        Assert.Equal([1, 2, 4], plan.Options.ThreadCounts);
        Assert.Equal([1, 2, 4], plan.Schedules.Select(schedule => schedule.Threads));
        Assert.Equal([InstructionSet.Avx512, InstructionSet.Avx2, InstructionSet.Portable], plan.Options.InstructionSets);
    }

    [Theory]
    [InlineData(UnrollMode.Full, 3, nameof(ConvolutionForm.StraightLine), null)]
    [InlineData(UnrollMode.Taps, 3, nameof(ConvolutionForm.TapUnrolled), null)]
    [InlineData(UnrollMode.Never, 3, nameof(ConvolutionForm.Table), null)]
    [InlineData(UnrollMode.Full, 15, nameof(ConvolutionForm.TapUnrolled), "straight-line code of one kept block")]
    public void The_form_is_the_one_asked_for_or_the_plan_says_why_not(UnrollMode unroll, int kernel, string form, string? reason)
    {
        var plan = Convolution(unroll, kernel);
        Assert.Equal(form, plan.Form.ToString());
        if (reason is null)
            Assert.Null(plan.FormReason);
        else
            Assert.StartsWith(reason, plan.FormReason, StringComparison.Ordinal);
        Assert.Equal(plan.FormReason, plan.DenseReason);
    }

    [Fact]
    public void Kept_multiplications_count_blocks_only()
    {
        var plan = Convolution(UnrollMode.Auto, 3);
        Assert.Equal(16 * 4 * 9 * 32 * 32, plan.DenseMacs);
        Assert.Equal(16 * 1 * 9 * 32 * 32, plan.KeptMacs);
        Assert.Null(plan.DenseReason);
    }

    private static ConvolutionPlan Convolution(UnrollMode unroll, int kernel) =>
        ModelPlanner
            .Plan(
                PassText.Parse(
                    $"""
                    input x: f32[1,4,32,32]
                    param w: f32[16,4,{kernel},{kernel}] sparse 1x16
                      group 0: 2
                    node y: f32[1,16,32,32] = conv2d(x) weight=w kernel=[{kernel},{kernel}] pads=[{kernel / 2},{kernel / 2},{kernel
                        / 2},{kernel / 2}]
                    output y
                    """
                ),
                new CompileOptions { Unroll = unroll }
            )
            .Layers.OfType<ConvolutionPlan>()
            .Single();

    private static void Refused(string id, string found, string text, CompileOptions? options = null) =>
        Refused(id, found, PassText.Parse(text), options ?? new CompileOptions());

    private static void Refused(string id, string found, Graph graph, CompileOptions options)
    {
        var error = Assert.Throws<SubpException>(() => ModelPlanner.Plan(graph, options));
        Assert.Equal(id, error.Diagnostic.Descriptor.Id);
        Assert.Equal(found, error.Diagnostic.Found);
    }

    // What a new operator is until the planner knows it.
    private sealed record Unplanned : Operator
    {
        public override string Mnemonic => "unplanned";

        public override TensorShape InferShape(ShapeContext context) => context.Inputs[0];
    }
}
