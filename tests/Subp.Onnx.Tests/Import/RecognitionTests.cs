using Subp.Core.Operators;
using Xunit;
using static Subp.Onnx.Tests.OnnxFile;

namespace Subp.Onnx.Tests.Import;

/// <summary>Functions that exporters write in single steps, on images, vectors and values of other ranks.</summary>
public class RecognitionTests
{
    private static readonly int[][] s_shapes =
    [
        [1, 4, 3, 3],
        [2, 8],
        [2, 3, 8],
    ];

    /// <summary>Steps as "type inputs output"; the constants are those of <see cref="Start"/>.</summary>
    public static TheoryData<string, string> Gelus =>
        new()
        {
            // PyTorch.
            { "gelu", "Div x root d; Erf d e; Add e one s; Mul x s m; Mul m half y" },
            // TensorFlow, and the function that the standard gives.
            { "gelu", "Mul x half h; Mul x inverse d; Erf d e; Add one e s; Mul h s y" },
            { "gelu", "Mul x inverse d; Erf d e; Add e one s; Mul s half t; Mul t x y" },
            { "gelu", "Div x root d; Erf d e; Add e one s; Mul x s m; Div m two y" },
            // Multiplied out.
            { "gelu", "Div x root d; Erf d e; Mul e half f; Add f half g; Mul g x y" },
            // Of a product, which is not to be taken apart.
            { "gelu", "Mul x x p; Div p root d; Erf d e; Add e one s; Mul p s m; Mul m half y" },
            // The approximation of GPT-2.
            { "gelu_tanh", "Pow x three c; Mul c cubic t; Add x t u; Mul u factor v; Tanh v w; Add w one s; Mul x half h; Mul h s y" },
            {
                "gelu_tanh",
                "Mul x x q; Mul q x c; Mul cubic c t; Add t x u; Mul u factor v; Tanh v w; Add one w s; Mul x s m; Mul m half y"
            },
            {
                "gelu_tanh",
                "Mul x x q; Mul q cubic t; Add t one u; Mul x u v; Mul v factor z; Tanh z w; Add w one s; Mul s x m; Div m two y"
            },
        };

    /// <summary>The same for what only looks like one.</summary>
    public static TheoryData<string> OtherProducts =>
        [
            "Div x two d; Erf d e; Add e one s; Mul x s m; Mul m half y",
            "Div x root d; Erf d e; Add e one s; Mul x s m; Mul m two y",
            "Div x root d; Erf d e; Add e half s; Mul x s m; Mul m half y",
            "Div x root d; Tanh d e; Add e one s; Mul x s m; Mul m half y",
            "Mul x x q; Mul q cubic t; Add x t u; Mul u factor v; Tanh v w; Add w one s; Mul x half h; Mul h s y",
            // A number that is none is no half.
            "Div x root d; Erf d e; Add e one s; Mul x s m; Mul m nan y",
        ];

    public static TheoryData<string, string> Normalizations =>
        new()
        {
            // PyTorch below opset 17.
            { "", "ReduceMean x m; Sub x m d; Pow d two q; ReduceMean q v; Add v epsilon a; Sqrt a r; Div d r y" },
            { "scale", "ReduceMean x m; Sub x m d; Pow d two q; ReduceMean q v; Add v epsilon a; Sqrt a r; Div d r n; Mul n gamma y" },
            {
                "scale shift",
                "ReduceMean x m; Sub x m d; Pow d two q; ReduceMean q v; Add v epsilon a; Sqrt a r; Div d r n; Mul gamma n g; Add g beta y"
            },
            { "shift", "ReduceMean x m; Sub x m d; Pow d two q; ReduceMean q v; Add v epsilon a; Sqrt a r; Div d r n; Add beta n y" },
            // Two differences, squares as products, the root as a power.
            { "", "ReduceMean x m; Sub x m d; Sub x m b; Mul b b q; ReduceMean q v; Add epsilon v a; Pow a half r; Div d r y" },
            // With a reciprocal.
            { "", "ReduceMean x m; Sub x m d; Mul d d q; ReduceMean q v; Add v epsilon a; Sqrt a r; Reciprocal r i; Mul i d y" },
            { "", "ReduceMean x m; Sub x m d; Mul d d q; ReduceMean q v; Add v epsilon a; Sqrt a r; Div one r i; Mul d i y" },
            { "", "ReduceMean x m; Sub x m d; Mul d d q; ReduceMean q v; Add v epsilon a; Pow a minus i; Mul d i y" },
            // By the root mean square.
            { "keep", "Pow x two q; ReduceMean q v; Add v epsilon a; Sqrt a r; Div x r y" },
            { "keep scale", "Mul x x q; ReduceMean q v; Add v epsilon a; Sqrt a r; Reciprocal r i; Mul x i n; Mul n gamma y" },
        };

    [Theory]
    [MemberData(nameof(Gelus))]
    public void A_Gelu_of_single_steps_is_one_operator(string expected, string steps)
    {
        foreach (var shape in s_shapes)
        {
            var file = Start(shape, steps);
            Assert.Equal(expected, file.ImportedNodes()[^1].Split(" = ")[1].Split('(')[0]);
            Assert.DoesNotContain(file.Import().Graph.Nodes, node => node.Operator is Activate { Activation.Kind: ActivationKind.Erf });
            AssertComputesTheSame(shape, file, steps);
        }
    }

    [Theory]
    [MemberData(nameof(OtherProducts))]
    public void Other_functions_stay_what_they_are(string steps)
    {
        foreach (var shape in s_shapes)
        {
            var file = Start(shape, steps);
            Assert.DoesNotContain(file.ImportedNodes(), line => line.Contains("gelu", StringComparison.Ordinal));
            AssertComputesTheSame(shape, file, steps);
        }
    }

    [Theory]
    [MemberData(nameof(Normalizations))]
    public void A_normalisation_of_single_steps_is_one_operator(string expected, string steps)
    {
        foreach (var shape in s_shapes)
        {
            var file = Start(shape, steps);
            var node = Assert.Single(file.Import().Graph.Nodes);
            var normalize = Assert.IsType<Normalize>(node.Operator);
            Assert.Equal([shape.Length - 1], normalize.Axes);
            Assert.Equal(1e-3f, normalize.Epsilon);
            var found = new[]
            {
                normalize.KeepsMean ? "keep" : "",
                normalize.Scale is null ? "" : "scale",
                normalize.Shift is null ? "" : "shift",
            };
            Assert.Equal(expected, string.Join(' ', found.Where(word => word.Length > 0)));
            AssertComputesTheSame(shape, file, steps);
        }
    }

    [Fact]
    public void A_normalisation_that_others_read_too_keeps_its_scale_apart()
    {
        const string Steps =
            "ReduceMean x m; Sub x m d; Mul d d q; ReduceMean q v; Add v epsilon a; Sqrt a r; Div d r n; Mul n gamma g; Mul g n y";
        var file = Start([2, 3, 8], Steps);
        Assert.Equal(
            ["normalize", "mul", "mul"],
            file.Import().Graph.Nodes.Select(node => node.Operator.Mnemonic).Where(word => word != "constant")
        );
        AssertComputesTheSame([2, 3, 8], file, Steps);
    }

    [Theory]
    // The mean square of another value, differences the other way round.
    [InlineData("ReduceMean x m; Sub x m d; Mul x x q; ReduceMean q v; Add v epsilon a; Sqrt a r; Div d r y")]
    [InlineData("ReduceMean x m; Sub x m d; Sub m x b; Mul b b q; ReduceMean q v; Add v one a; Sqrt a r; Div d r y")]
    public void What_is_no_normalisation_stays_what_it_is(string steps)
    {
        var file = Start([2, 3, 8], steps);
        Assert.DoesNotContain(file.Import().Graph.Nodes, node => node.Operator is Normalize { KeepsMean: false });
        AssertComputesTheSame([2, 3, 8], file, steps);
    }

    private static OnnxFile Start(int[] shape, string steps)
    {
        var file = Create(shape, 13)
            .Constant("root", [], MathF.Sqrt(2))
            .Constant("inverse", [1], MathF.Sqrt(0.5f))
            .Constant("one", [], 1)
            .Constant("two", [], 2)
            .Constant("three", [], 3)
            .Constant("half", [], 0.5f)
            .Constant("nan", [], float.NaN)
            .Constant("minus", [], -0.5f)
            .Constant("cubic", [], 0.044715f)
            .Constant("factor", [], MathF.Sqrt(2 / MathF.PI))
            .Constant("epsilon", [], 1e-3f)
            .Weight("gamma", shape[^1])
            .Weight("beta", shape[^1]);
        foreach (var step in steps.Split("; "))
        {
            var words = step.Split(' ');
            if (words[0] == "ReduceMean")
                file.Node(words[0], words[1], words[2], List("axes", -1));
            else
                file.Node(words[0], string.Join(' ', words[1..^1]), words[^1]);
        }

        return file;
    }

    private static void AssertComputesTheSame(int[] shape, OnnxFile file, string steps)
    {
        var model = file.Import();
        var random = new Random(5);
        var input = new float[shape.Aggregate(1, (product, extent) => product * extent)];
        for (var index = 0; index < input.Length; index++)
            input[index] = (random.NextSingle() * 6) - 3;
        var expected = StepByStep.Run(shape, steps, input, name => Number(file, name));
        var found = Networks.Run(model, input);
        for (var index = 0; index < expected.Length; index++)
            Assert.True(
                double.IsNaN(expected[index])
                    ? float.IsNaN(found[index])
                    : Math.Abs(found[index] - expected[index]) <= 2e-5 * Math.Max(1, Math.Abs(expected[index])),
                $"{found[index]} in place of {expected[index]}"
            );
    }

    private static float[] Number(OnnxFile file, string name) =>
        [.. file.Graph.Initializer.Single(tensor => tensor.Name == name).FloatData];
}
