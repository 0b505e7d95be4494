using System.Diagnostics.CodeAnalysis;
using Subp.Compiler;
using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Runtime;
using Subp.Compiler.Families;
using Subp.Compiler.Families.Convolutions;
using Subp.Compiler.Families.Depthwise;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;
using Subp.Core.Storage;
using Subp.Core.Weights;

namespace Subp.Roslyn.Tests.Models;

/// <summary>
/// A plan with every kind of prepared constant and two hand-written layers: the first copies the input into the arena, each thread its
/// part; the second writes input and constants to the output, so that a test sees what the loader computed.
/// </summary>
internal static class HandWrittenModel
{
    public const int InputLength = 96;
    public const int ConstantsLength = 4096;
    public const int OutputLength = InputLength + ConstantsLength;
    public const string ResourceName = "Hand.Written.TestModel.safetensors";

    public static Graph Graph { get; } = BuildGraph();

    public static byte[] Weights { get; } = SafetensorsWriter.Write(WeightFileLayout.Of(Graph), BuildWeights());

    /// <summary>
    /// The constants, packed one after the other; the space between the last and <see cref="ConstantsLength"/> stays zero.
    /// </summary>
    public static IReadOnlyList<PreparedConstant> Constants { get; } =
    [
        new PaddedVector(0, 32, "bias", 20),
        new PaddedVector(32, 16, null, 0),
        new PackedConvolution(48, 3 * 4 * 32, "dense", null, Outputs: 20, InputsPerGroup: 3, Taps: 4, Groups: 1, BlockLength: 32),
        // Four groups of six outputs: the first block of 16 touches three groups, the second two.
        new PackedConvolution(432, 5 * 2 * 16, "grouped", null, Outputs: 24, InputsPerGroup: 2, Taps: 1, Groups: 4, BlockLength: 16),
        new PackedConvolution(
            592,
            2 * 5 * 4 * 16,
            "sparse",
            Graph.Parameter("sparse").Pattern,
            Outputs: 24,
            InputsPerGroup: 5,
            Taps: 4,
            Groups: 1,
            BlockLength: 16
        ),
        new PackedDepthwise(1232, 2 * 9 * 16, "depthwise", Channels: 18, Taps: 9),
        new PackedConvolution(1520, 2 * 7 * 16, "linear", null, Outputs: 17, InputsPerGroup: 7),
        new BatchNormFactors(
            1744,
            32,
            new BatchNorm
            {
                Scale = "scale",
                Shift = "shift",
                Mean = "mean",
                Variance = "variance",
                Epsilon = 1e-5f,
            },
            Channels: 3
        ),
    ];

    public static ModelPlan Plan(params int[] threadCounts) =>
        new()
        {
            Graph = Graph,
            Source = Graph,
            Options = new CompileOptions { Namespace = "Hand.Written", ThreadCounts = threadCounts },
            ClassName = "TestModel",
            Buffers = [],
            ArenaLength = 1024,
            ArenaLowerBound = 1024,
            Layers = [Layer(0, "copy"), Layer(1, "show")],
            Constants = Constants,
            ConstantsLength = ConstantsLength,
            Schedules = [.. threadCounts.Select(Schedule)],
            DefaultThreadCounts = threadCounts,
        };

    public static IReadOnlyList<EmittedFile> Sources(ModelPlan plan, string kernels = CopyKernels) =>
        [.. RuntimeEmitter.Emit(plan), RunLists(plan, kernels)];

    public static CompiledAssembly Compile(string kernels = CopyKernels, params int[] threadCounts)
    {
        var plan = Plan(threadCounts.Length == 0 ? [1, 2, 3] : threadCounts);
        return ModelAssemblyCompiler.Compile(Sources(plan, kernels), Weights, "TestModel", ResourceName);
    }

    public static CompiledSymbols Compile(Stream assembly) =>
        ModelAssemblyCompiler.Compile(
            assembly,
            Sources(Plan([1, 2, 3])),
            () => new MemoryStream(Weights, writable: false),
            "TestModel",
            ResourceName
        );

    public static LoadedModel Load([StringSyntax("C#")] string kernels = CopyKernels, params int[] threadCounts) =>
        LoadedModel.Load(Compile(kernels, threadCounts));

    /// <summary>The values of every parameter: 1, 2, 3, ... and positive.</summary>
    public static WeightSet BuildWeights()
    {
        var weights = new WeightSet();
        foreach (var parameter in Graph.Parameters)
        {
            var values = new float[parameter.Shape.ElementCount];
            for (var index = 0; index < values.Length; index++)
                values[index] = IsKept(parameter, index) ? index + 1 : 0;
            weights[parameter.Name] = new WeightTensor(parameter.Shape, values);
        }

        return weights;
    }

    [StringSyntax("C#")]
    public const string CopyKernels = """
        private static void Step(Session session, int thread, int layer)
        {
            // One rectangle per layer: its number, its four bounds.
            var work = session.WorkOf(thread, layer);
            for (var tile = work[3]; tile < work[4]; tile++)
            {
                if (layer == 0)
                    session.Arena[tile] = session.Input[tile];
                else
                    session.Output[tile] = session.Arena[tile];
            }

            if (layer == 1 && thread == 0)
                new System.ReadOnlySpan<float>(session.Constants, 4096).CopyTo(new System.Span<float>(session.Output + 96, 4096));
        }
        """;

    private static EmittedFile RunLists(ModelPlan plan, string kernels)
    {
        var writer = new CSharpWriter();
        writer.Line("#nullable enable").Line("namespace Hand.Written;");
        using (writer.Block("public sealed unsafe partial class TestModel"))
        {
            writer.Line(kernels);
            writer.Line("private static void CompileAhead()").Line("{").Line("}");
            foreach (var instructionSet in plan.Options.InstructionSets)
                writer.Line(
                    $$"""
                    private static unsafe partial class {{instructionSet}}
                    {
                        internal static void Run(Session session, int thread, int layer, int end)
                        {
                            for (; layer < end; layer++)
                                Step(session, thread, layer);
                        }
                    }
                    """
                );
        }

        return new EmittedFile("TestModel.RunLists.cs", writer.ToString());
    }

    private static Graph BuildGraph()
    {
        var builder = new GraphBuilder("hand <written> model")
        {
            Metadata = new ModelMetadata
            {
                ClassNames = ["shirt", "\"coat\"\n", "größe"],
                NormalizationMean = [0.2860f],
                NormalizationDeviation = [0.3530f],
            },
        };
        var input = builder.Input("pixels", new TensorShape(1, InputLength));
        builder.Parameter("bias", new TensorShape(20));
        builder.Parameter("dense", new TensorShape(20, 3, 2, 2));
        builder.Parameter("grouped", new TensorShape(24, 2, 1, 1));
        builder.Parameter(
            "sparse",
            new TensorShape(24, 5, 2, 2),
            new BlockPattern(
                8,
                5,
                [
                    [0, 3],
                    [],
                    [1, 2, 4],
                ]
            )
        );
        builder.Parameter("depthwise", new TensorShape(18, 1, 3, 3));
        builder.Parameter("linear", new TensorShape(17, 7));
        foreach (var name in new[] { "scale", "shift", "mean", "variance" })
            builder.Parameter(name, new TensorShape(3));
        builder.Node("copy", new Activate { Activation = Activation.Relu6 }, input);
        builder.Output(builder.Linear("show", "copy", OutputLength));
        return builder.Build();
    }

    private static bool IsKept(Parameter parameter, int index)
    {
        if (parameter.Pattern is not { } pattern)
            return true;
        var elementsPerOutput = parameter.Shape.ElementCount / parameter.Shape[0];
        var channel = index % elementsPerOutput / (elementsPerOutput / parameter.Shape[1]);
        return pattern.Kept(index / elementsPerOutput / pattern.BlockLength).Contains(channel);
    }

    private static HandWrittenLayer Layer(int index, string node) =>
        new(
            new LayerFrame
            {
                Index = index,
                Node = Graph.FindNode(node)!,
                Inputs = [null],
                Output = null,
                TaskTiles = InputLength,
                GroupCosts = [1.0],
                DenseMacs = index * 1000,
                KeptMacs = index * 250,
                DenseReason = index == 1 ? "sparsity < 30 %" : null,
                MethodStem = $"Layer0{index}_{node}",
            }
        );

    private static Schedule Schedule(int threads)
    {
        IReadOnlyList<WorkRange>[] work =
        [
            .. Enumerable
                .Range(0, threads)
                .Select(thread => new[] { new WorkRange(0, 1, InputLength * thread / threads, InputLength * (thread + 1) / threads) }),
        ];
        return new Schedule(threads, [work, work], [true, false]);
    }
}
