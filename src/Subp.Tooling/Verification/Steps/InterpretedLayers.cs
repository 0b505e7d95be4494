using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Interpretation;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Roslyn;

namespace Subp.Tooling.Verification.Steps;

/// <summary>Collects how every layer of sessions that keep their values compares with the reference interpreter.</summary>
internal sealed class InterpretedLayers
{
    private readonly ModelPlan _plan;
    private readonly bool _isWhole;
    private readonly ReferenceInterpreter _reference;
    private readonly GraphNode[] _nodes;
    private readonly Dictionary<string, float[]> _constants;
    private readonly List<StepVerdict[]> _apart = [];
    private readonly List<StepVerdict[]> _together = [];
    private readonly List<Dictionary<string, float[]>> _known = [];
    private IReadOnlyDictionary<string, double[]>? _whole;

    /// <summary>Prepares the comparison.</summary>
    /// <param name="plan">The plan of the network, which keeps values.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="isWhole">Whether the whole network is interpreted as well, or only layers on their own.</param>
    public InterpretedLayers(ModelPlan plan, WeightSet weights, bool isWhole = true)
    {
        (_plan, _isWhole) = (plan, isWhole);
        _reference = new ReferenceInterpreter(new Model(plan.Graph, weights));
        // Constants lie among the weights and not in the arena.
        _constants = plan
            .Graph.Nodes.Where(node => node.Operator is Constant)
            .ToDictionary(
                node => node.Name,
                node => Rounded(_reference.RunNode(node, new Dictionary<string, double[]>())),
                StringComparer.Ordinal
            );
        var known = SessionValues.Names(plan).Concat(_constants.Keys).ToHashSet(StringComparer.Ordinal);
        _nodes =
        [
            .. plan.Graph.Nodes.Where(node =>
                node.Operator is not Constant && known.Contains(node.Name) && node.Inputs.All(known.Contains)
            ),
        ];
    }

    /// <summary>The elements of all outputs.</summary>
    public int OutputLength => _plan.OutputShape.ElementCount;

    /// <summary>Runs a session and compares its layers.</summary>
    /// <param name="session">A session that keeps its values.</param>
    /// <param name="input">The input.</param>
    /// <param name="output">Receives the outputs of the session.</param>
    public void Compare(ILoadedSession session, float[] input, float[] output)
    {
        var values = SessionValues.Of(_plan, session, input);
        var start = 0;
        foreach (var name in _plan.Graph.Outputs)
        {
            values[name].CopyTo(output, start);
            start += values[name].Length;
        }

        // Sessions that computed the same, as those of one instruction set should, need no second look.
        if (_known.Any(other => _nodes.All(node => values[node.Name].AsSpan().SequenceEqual(other[node.Name]))))
            return;
        _known.Add(values);
        if (_isWhole)
            _whole ??= _reference.RunAll(JoinedInputs.Split(_plan.Graph.Inputs, input));
        foreach (var constant in _constants)
            values[constant.Key] = constant.Value;
        _apart.Add([.. _nodes.Select(node => StepVerdict.Of(node, values[node.Name], Alone(node, values)))]);
        if (_whole is { } whole)
            _together.Add([.. _nodes.Select(node => StepVerdict.Of(node, values[node.Name], Rounded(whole[node.Name])))]);
    }

    /// <summary>The next sessions run on another input.</summary>
    public void EndInput()
    {
        _known.Clear();
        _whole = null;
    }

    /// <summary>What was found out; at least one session was compared.</summary>
    public StepReport Report() =>
        new(ReferenceOutputs.Interpreter, StepVerdict.Joined(_apart), _together.Count == 0 ? [] : StepVerdict.Joined(_together));

    private float[] Alone(GraphNode node, Dictionary<string, float[]> values) =>
        Rounded(
            _reference.RunNode(
                node,
                node.Inputs.Distinct().ToDictionary(name => name, name => Array.ConvertAll(values[name], value => (double)value))
            )
        );

    private static float[] Rounded(double[] values) => Array.ConvertAll(values, value => (float)value);
}
