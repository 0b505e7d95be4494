using System.Globalization;
using System.Text.RegularExpressions;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;
using Subp.Core.Weights;
using Subp.Training.Numerics;

namespace Subp.Tooling.Benchmarking;

/// <summary>
/// One convolution to be timed, as it is written on the command line: <c>128x128k3s1h28w28</c>, or <c>512x512k3g512h14w14</c> for a
/// depthwise one.
/// </summary>
/// <param name="Inputs">Input channels.</param>
/// <param name="Outputs">Output channels.</param>
/// <param name="Kernel">Rows and columns of the kernel.</param>
/// <param name="Stride">The stride.</param>
/// <param name="Height">Rows of the input.</param>
/// <param name="Width">Columns of the input.</param>
internal sealed partial record LayerSpecification(int Inputs, int Outputs, int Kernel, int Stride, int Height, int Width)
{
    /// <summary>The name of the one convolution of the network.</summary>
    public const string NodeName = "layer";

    private const ulong Seed = 1;

    /// <summary>Channel groups: 1, or as many as channels for a depthwise convolution, which is dense whatever is asked for.</summary>
    public int Groups { get; init; } = 1;

    /// <summary>Reads the text form: inputs x outputs, then k, s, g, h, w and their numbers; s and g may be left out.</summary>
    /// <exception cref="SubpException">The text has another form, or a number is zero.</exception>
    public static LayerSpecification Parse(string text)
    {
        var match = Pattern().Match(text);
        if (!match.Success)
            throw new SubpException(
                DiagnosticDescriptors.Usage,
                "--layer",
                $"'{text}'",
                "inputs x outputs, kernel, stride, height, width, as in 128x128k3s1h28w28"
            );
        var stride = match.Groups["s"].Success ? Number("s") : 1;
        return new LayerSpecification(Number("in"), Number("out"), Number("k"), stride, Number("h"), Number("w"))
        {
            Groups = match.Groups["g"].Success ? Number("g") : 1,
        };

        int Number(string group) => int.Parse(match.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);
    }

    /// <summary>A network of this one layer with random weights, bias and ReLU.</summary>
    /// <param name="blockLength">N, or 0 for a dense weight.</param>
    /// <param name="sparsity">The share of pruned blocks; every group keeps the same number.</param>
    /// <exception cref="SubpException">The output channels are not divisible by N, or the image is smaller than the kernel.</exception>
    public Model Build(int blockLength, double sparsity)
    {
        var random = new DeterministicRandom(Seed);
        BlockPattern? pattern = null;
        if (blockLength > 0 && Groups == 1)
        {
            BlockPattern.RequireDivisible(NodeName, Outputs, blockLength);
            pattern = RandomPattern(blockLength, sparsity, random);
        }

        var builder = new GraphBuilder(ToString());
        var image = builder.Input("image", new TensorShape(1, Inputs, Height, Width));
        var window = Window.Square(Kernel, Stride, Kernel / 2);
        builder.Output(builder.Conv2d(NodeName, image, Outputs, window, Groups, bias: true, pattern: pattern, activation: Activation.Relu));
        var graph = builder.Build();
        var weights = new WeightSet();
        foreach (var parameter in graph.Parameters)
        {
            var values = new float[parameter.Shape.ElementCount];
            for (var index = 0; index < values.Length; index++)
                values[index] = IsKept(parameter, index) ? (float)random.NextGaussian() / MathF.Sqrt(Inputs / Groups * Kernel * Kernel) : 0;
            weights[parameter.Name] = new WeightTensor(parameter.Shape, values);
        }

        return new Model(graph, weights);
    }

    /// <summary>The text form.</summary>
    public override string ToString() =>
        Groups > 1
            ? FormattableString.Invariant($"{Inputs}x{Outputs}k{Kernel}s{Stride}g{Groups}h{Height}w{Width}")
            : FormattableString.Invariant($"{Inputs}x{Outputs}k{Kernel}s{Stride}h{Height}w{Width}");

    [GeneratedRegex(
        "^(?<in>[1-9][0-9]{0,4})x(?<out>[1-9][0-9]{0,4})k(?<k>[1-9][0-9]?)(s(?<s>[1-9]))?(g(?<g>[1-9][0-9]{0,4}))?"
            + "h(?<h>[1-9][0-9]{0,3})w(?<w>[1-9][0-9]{0,3})$",
        RegexOptions.ExplicitCapture
    )]
    private static partial Regex Pattern();

    private BlockPattern RandomPattern(int blockLength, double sparsity, DeterministicRandom random)
    {
        var kept = Math.Clamp((int)Math.Round(Inputs * (1 - sparsity)), 1, Inputs);
        var groups = new int[Outputs / blockLength][];
        var channels = Enumerable.Range(0, Inputs).ToArray();
        for (var group = 0; group < groups.Length; group++)
        {
            random.Shuffle(channels);
            groups[group] = [.. channels.Take(kept).Order()];
        }

        return new BlockPattern(blockLength, Inputs, groups);
    }

    private static bool IsKept(Parameter parameter, int index)
    {
        if (parameter.Pattern is not { } pattern)
            return true;
        var taps = parameter.Shape[2] * parameter.Shape[3];
        var (output, input) = Math.DivRem(index / taps, parameter.Shape[1]);
        return pattern.Kept(output / pattern.BlockLength).Contains(input);
    }
}
