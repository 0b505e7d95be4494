using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Subp.Compiler;
using Subp.Compiler.Emission;
using Subp.Compiler.Planning;
using Subp.Core.Interpretation;
using Subp.Core.Weights;
using Subp.Roslyn.Tests.Families;
using Subp.Roslyn.Tests.Kernels;
using Subp.Testing;

namespace Subp.Roslyn.Tests.ForeignNames;

/// <summary>
/// The emitted files of as few networks as bring every identifier that emitted code of the kernel cases uses: all kernel families and all
/// instruction sets are among them.
/// </summary>
internal sealed class EmittedCorpus
{
    /// <summary>The namespace of the models, which has an enclosing one.</summary>
    public const string Namespace = "Host.Inner";

    private static readonly Lazy<EmittedCorpus> s_instance = new(() => new EmittedCorpus());

    private readonly List<EmittedModel> _models = [];
    private readonly SortedSet<string> _identifiers = new(StringComparer.Ordinal);

    private EmittedCorpus()
    {
        // Names that hold the number of a layer or of a place are alike in all networks.
        var known = new HashSet<string>(StringComparer.Ordinal);
        // Small networks first, since the reference interpreter answers for those that are taken.
        foreach (var (kernelCase, model) in Candidates())
        {
            var plan = ModelPlanner.Plan(
                model.Graph,
                new CompileOptions
                {
                    Namespace = Namespace,
                    ClassName = FormattableString.Invariant($"Model{_models.Count}"),
                    Unroll = kernelCase.Unroll,
                    Hints = kernelCase.Hints,
                    ThreadCounts = [1, 2],
                    Weights = _models.Count % 2 == 0 ? WeightsLocation.Embedded : WeightsLocation.File,
                }
            );
            var files = ModelEmitter.Emit(plan);
            var found = files.SelectMany(file => Identifiers(file.Text)).ToHashSet(StringComparer.Ordinal);
            var kinds = found.Select(Kind).ToHashSet(StringComparer.Ordinal);
            if (kinds.IsSubsetOf(known))
                continue;
            known.UnionWith(kinds);
            _identifiers.UnionWith(found);
            var expected = new float[plan.OutputShape.ElementCount];
            new ReferenceInterpreter(kernelCase.Model).Run(RandomWeights.Input(plan.InputShape, seed: 2), expected);
            _models.Add(new EmittedModel(plan, files, ModelBundle.Write(model).Safetensors, expected));
        }
    }

    /// <summary>The corpus; it is emitted once.</summary>
    public static EmittedCorpus Instance => s_instance.Value;

    /// <summary>The networks.</summary>
    public IReadOnlyList<EmittedModel> Models => _models;

    /// <summary>Every identifier of the files, the names of aliases among them, ordered.</summary>
    public IReadOnlyCollection<string> Identifiers() => _identifiers;

    private static IEnumerable<(KernelCase Case, Model Model)> Candidates() =>
        SparseConvolutionCases
            .All()
            .Concat(DenseLayerCases.All())
            .Concat(BranchCases.All())
            .Concat(WinogradCases.All())
            .Concat(PackedCases.All())
            .Concat(FewBitsCases.All())
            .Concat(HintCases.All())
            .Concat(StripeCases.All())
            .Concat(IntegerCases.OfFloatInterface())
            .Select(kernelCase => (kernelCase, PassPipeline.Pack(kernelCase.Model)))
            .OrderBy(pair => pair.Item2.Graph.Nodes.Sum(node => node.Shape.ElementCount));

    private static IEnumerable<string> Identifiers(string text) =>
        SyntaxFactory.ParseTokens(text).Where(token => token.IsKind(SyntaxKind.IdentifierToken)).Select(token => token.ValueText);

    private static string Kind(string name) =>
        Regex.Replace(name.StartsWith("Layer", StringComparison.Ordinal) ? "Layer0" : name, "[0-9]+", "0");
}

/// <summary>One network of the corpus.</summary>
/// <param name="Plan">The plan.</param>
/// <param name="Files">What was emitted.</param>
/// <param name="Safetensors">The weights.</param>
/// <param name="Expected">What the reference interpreter makes of the input of seed 2.</param>
internal sealed record EmittedModel(ModelPlan Plan, IReadOnlyList<EmittedFile> Files, byte[] Safetensors, float[] Expected)
{
    /// <summary>The class.</summary>
    public string ClassName => Plan.ClassName;
}
