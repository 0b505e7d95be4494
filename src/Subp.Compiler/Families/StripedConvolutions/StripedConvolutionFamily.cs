using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Families.Convolutions;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Costs;
using Subp.Compiler.Planning.Hints;
using Subp.Compiler.Planning.Layouts;
using Subp.Compiler.Planning.Values;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.StripedConvolutions;

/// <summary>
/// Block-sparse convolutions of one tap over stripes of 16 pixels. Lanes are pixels, so that a weight is broadcast and a block may be as
/// short as it likes: N = 4 and 8 fill whole vectors, which they do not in blocks of 16 channels.
/// </summary>
internal sealed class StripedConvolutionFamily : ImageFamily<StripedConvolutionPlan>
{
    /// <inheritdoc/>
    protected override bool Computes(Graph graph, GraphNode node) => node.Layout == Layout.Stripes16 && node.Operator is Conv2d;

    /// <inheritdoc/>
    public override LayoutOffer? InStripes(KernelChoices choices, GraphNode node)
    {
        var hints = ConvolutionShapes.HasChoices(choices.Graph, node) ? LayerHints.Of(choices, node) : LayerHints.None;
        var isAsked = hints.Layout == Layout.Stripes16;
        if (!CanCompute(choices.Graph, node))
            return isAsked ? throw Unfit(node) : null;
        if (hints.Layout == Layout.Blocked16 || hints.IsDirect || choices.Options.Unroll != UnrollMode.Auto)
            return null;
        var (pattern, _) = ConvolutionShapes.PatternOf(choices.Graph, node);
        // Sums that have to be cut into stretches stay with the kernels that cut them.
        if (choices.NeedsExactSums(node) && SumStretches.BlocksOf(ConvolutionForm.TapUnrolled, pattern, Window.Square(1)) is not null)
            return null;
        var set = choices.Options.InstructionSets[0];
        var work = new StripedWork(pattern, choices.Graph.ShapeOf(node.Inputs[0]), node.Shape, node.Inputs.Count > 1, set)
        {
            Activation = ((Conv2d)node.Operator).Activation,
        };
        return new LayoutOffer(CostModel.Cycles(work.Items(choices.Machine), choices.Machine), isAsked);
    }

    /// <inheritdoc/>
    public override IEnumerable<KernelCandidate> Candidates(KernelChoices choices, GraphNode node) =>
        [new StripedCandidate(this, choices, node)];

    /// <inheritdoc/>
    public override string? Remark(KernelChoices choices, GraphNode node) =>
        CanCompute(choices.Graph, node) && node.Layout != Layout.Stripes16 && LayerHints.Of(choices, node).Layout == Layout.Stripes16
            ? $"{choices.HintsOf(node)} set aside: long sums that are to be exact are cut into stretches, which kernels over blocks do"
            : null;

    /// <inheritdoc/>
    public override bool MayWriteOver(Graph graph, GraphNode node, int operand) => operand > 0;

    /// <inheritdoc/>
    public override FamilyPlan Plan(FamilyRequest request)
    {
        var (graph, node) = (request.Graph, request.Node);
        var convolution = (Conv2d)node.Operator;
        var weight = graph.Parameter(convolution.Weight);
        var pattern = weight.Pattern!;
        var spans = StripeSpans.Of(node.Shape, pattern.BlockLength);
        var pixels = (long)node.Shape.Batch * node.Shape.Height * node.Shape.Width;
        var frame = request.Frame(
            [.. Enumerable.Range(0, pattern.Groups).Select(group => (double)pattern.Kept(group).Count)],
            checked(node.Shape.Batch * spans.Count)
        ) with
        {
            DenseMacs = pixels * weight.Shape.ElementCount,
            KeptMacs = pixels * pattern.KeptBlocks * pattern.BlockLength,
        };
        return new StripedConvolutionPlan(frame)
        {
            Convolution = convolution,
            Pattern = pattern,
            Spans = spans,
            StreamsWeights = pattern.KeptBlocks * pattern.BlockLength > ConvolutionShapes.StreamedWeights,
            Operands =
            [
                .. node.Inputs.Select(request.Places.Of),
                StoredBlocks.PlaceOf(request, weight),
                new OperandPlace(OperandMemory.Constants, request.Constants.AddBias(convolution.Bias, pattern.OutputChannels)),
                request.Places.Of(node.Name),
            ],
        };
    }

    /// <inheritdoc/>
    public override void WriteTables(CSharpWriter writer, FamilyPlan plan)
    {
        if (plan is StripedConvolutionPlan own)
            PatternTables.Write(writer, own, own.Pattern, own.Pattern.Groups, channel => channel * StripeLayout.Pixels);
    }

    /// <inheritdoc/>
    protected override void Write(CSharpWriter writer, StripedConvolutionPlan plan, InstructionSet set) =>
        new StripedConvolutionWriter(plan, set).Write(writer);

    private static bool CanCompute(Graph graph, GraphNode node) =>
        node.Operator is Conv2d { Groups: 1 } convolution
        && convolution.Window is { Kernel: var kernel, Stride: var stride, Padding: var padding }
        && kernel == Extent.One
        && stride == Extent.One
        && padding == default
        && graph.Parameter(convolution.Weight).Pattern is { IsFull: false } pattern
        && pattern.BlockLength % 4 == 0
        && pattern.OutputChannels == node.Shape.Channels
        && node.Type.Quantization is null
        && StripeLayout.Holds(node.Shape)
        && node.Inputs.All(input => StripeLayout.Holds(graph.ShapeOf(input)) && graph.TypeOf(input).Quantization is null);

    private static Core.Diagnostics.SubpException Unfit(GraphNode node) =>
        HintedNodes.Misfit(
            node.Name,
            $"{HintReader.Layout}=stripes",
            "that for a block-sparse 1x1 convolution of stride 1 without padding, from and to channels that fill blocks of 16"
        );
}
