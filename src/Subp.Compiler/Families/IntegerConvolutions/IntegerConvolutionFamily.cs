using Subp.Compiler.Emission;
using Subp.Compiler.Families.Bytes;
using Subp.Compiler.Families.IntegerDepthwise;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Hints;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.IntegerConvolutions;

/// <summary>Convolutions, dense, sparse and grouped, and linear layers, from bytes to bytes.</summary>
internal sealed class IntegerConvolutionFamily : ByteFamily<IntegerConvolutionPlan>
{
    /// <inheritdoc/>
    public override bool Accepts(Graph graph, GraphNode node) =>
        graph.TypeOf(node.Inputs.Count > 0 ? node.Inputs[0] : node.Name).Quantization is not null
        && node.Operator switch
        {
            Conv2d convolution => !IntegerDepthwiseFamily.IsDepthwise(graph, node, convolution),
            Linear => node.Shape.IsVector,
            _ => false,
        };

    /// <inheritdoc/>
    public override bool WritesDense(Graph graph, GraphNode node) => node.Type.Quantization is null;

    /// <inheritdoc/>
    public override IEnumerable<KernelCandidate> Candidates(KernelChoices choices, GraphNode node) =>
        [new IntegerConvolutionCandidate(choices, node)];

    /// <inheritdoc/>
    public override FamilyPlan Plan(FamilyRequest request) =>
        throw new InvalidOperationException($"'{request.Node.Name}' is planned by its candidate.");

    /// <inheritdoc/>
    public override bool HasChoices(Graph graph, GraphNode node) => Accepts(graph, node);

    /// <inheritdoc/>
    public override void CheckHints(GraphNode node, IReadOnlyDictionary<string, string> words) => IntegerHints.Read(node.Name, words);

    /// <inheritdoc/>
    public override IEnumerable<HintCandidate> Alternatives(ModelPlan model, FamilyPlan layer, InstructionSet set) =>
        layer is IntegerConvolutionPlan own ? IntegerAlternatives.Of(own, set, model.Options.Machine) : [];

    /// <inheritdoc/>
    public override void WriteTables(CSharpWriter writer, FamilyPlan plan)
    {
        if (plan is IntegerConvolutionPlan { IsGathered: true } convolution)
            ChannelTable.Write(writer, convolution);
    }

    /// <inheritdoc/>
    protected override void Write(CSharpWriter writer, IntegerConvolutionPlan plan, InstructionSet set) =>
        new IntegerConvolutionWriter(plan, set).Write(writer);
}
