using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Storage;

namespace Subp.Compiler.Planning;

/// <summary>Plans the steps of a network with the kernels that were chosen, and collects the constants that these need.</summary>
internal sealed class LayerPlanner(Graph source, ArenaPlanner arena, ConstantsBuilder constants, KernelChoices choices)
{
    private readonly WeightFileLayout _weights = WeightFileLayout.Of(source);
    private readonly ValuePlaces _places = new(choices.Graph, arena, constants);
    private readonly List<LayerPlan> _layers = [];

    /// <summary>The steps of the network in order; values that share memory with their input need none.</summary>
    public IReadOnlyList<LayerPlan> PlanAll()
    {
        foreach (var node in choices.Graph.Nodes)
        {
            // A parameter that nodes read as a value is copied when weights are loaded.
            var isConstant = node.Operator is Constant && !choices.Graph.IsOutput(node.Name);
            if (!arena.IsAlias(node.Name) && !isConstant)
                _layers.Add(choices.Of(node).Plan(Request(node)));
        }

        return _layers;
    }

    private FamilyRequest Request(GraphNode node) =>
        new(choices.Graph, node, _places, constants, (costs, tiles) => Frame(node, costs, tiles)) { Weights = _weights };

    private LayerFrame Frame(GraphNode node, IReadOnlyList<double> groupCosts, int tiles) =>
        new()
        {
            Index = _layers.Count,
            Node = node,
            Inputs = [.. node.Inputs.Select(arena.Buffer)],
            Output = arena.Buffer(node.Name),
            GroupCosts = groupCosts,
            TaskTiles = tiles,
            MethodStem = Naming.MethodStem(_layers.Count, node.Name),
            Machine = choices.Machine,
            Rivals = choices.RivalsOf(node),
            Layouts = choices.LayoutsOf(node),
        };
}
