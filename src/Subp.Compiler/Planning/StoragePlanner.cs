using Subp.Compiler.Planning.Values;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Planning;

/// <summary>
/// Decides which values share memory. A value lies in a storage, named after the value that covers all of it, some blocks of 16 channels
/// from its start: values that are concatenated lie in the concatenation from the first; a slice of whole blocks lies where its source
/// does; flattening one pixel moves nothing; an element-wise step writes over an operand that nothing reads any more.
/// </summary>
internal sealed class StoragePlanner
{
    private readonly Graph _graph;
    private readonly KernelChoices _choices;
    private readonly Dictionary<string, int> _steps = new(StringComparer.Ordinal);
    private readonly Dictionary<string, StoragePlace> _places = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<string>> _tenants = new(StringComparer.Ordinal);
    private readonly HashSet<string> _aliases = new(StringComparer.Ordinal);

    /// <summary>Decides for all values.</summary>
    /// <param name="graph">The laid out graph.</param>
    /// <param name="choices">The kernels of all nodes.</param>
    public StoragePlanner(Graph graph, KernelChoices choices)
    {
        _graph = graph;
        _choices = choices;
        for (var step = 0; step < graph.Nodes.Count; step++)
        {
            var name = graph.Nodes[step].Name;
            _steps[name] = step;
            _places[name] = new StoragePlace(name, 0);
            _tenants[name] = [name];
        }

        // The last concatenation first: where each grows by one value, as in DenseNet, the largest holds all of them.
        foreach (var node in graph.Nodes.Reverse().Where(node => node.Operator is Concat && node.Layout == Layout.Blocked16))
            PlaceInConcatenation(node);
        foreach (var node in graph.Nodes)
        {
            if (IsSameMemory(node))
            {
                Share(node.Name, PlaceOf(node.Inputs[0]));
                _aliases.Add(node.Name);
            }
            else if (node.Operator is Slice { Axis: 1 } slice && IsView(node, slice))
            {
                var source = PlaceOf(node.Inputs[0]);
                Share(node.Name, source with { Block = source.Block + (slice.Begin / BufferPlanner.Block) });
                _aliases.Add(node.Name);
            }
            else if (
                !choices.Options.KeepValues
                && IsAlone(node.Name)
                && node.Inputs.FirstOrDefault(input => MayWriteOver(node, input)) is { } operand
            )
            {
                Share(node.Name, PlaceOf(operand));
            }
        }
    }

    /// <summary>Where a value lies.</summary>
    public StoragePlace PlaceOf(string value) => _places[value];

    /// <summary>The values that share the storage of a value.</summary>
    public IReadOnlyList<string> Tenants(string value) => _tenants[_places[value].Owner];

    /// <summary>The values that are others in other words and need no step of their own.</summary>
    public IReadOnlyCollection<string> Aliases => _aliases;

    private bool IsAlone(string value) => _places[value].Owner == value && _tenants[value].Count == 1;

    private void Share(string value, StoragePlace place)
    {
        foreach (var tenant in _tenants[value])
        {
            _places[tenant] = new StoragePlace(place.Owner, place.Block + _places[tenant].Block);
            _tenants[place.Owner].Add(tenant);
        }

        _tenants.Remove(value);
    }

    /// <summary>
    /// Lets the producers of concatenated values write straight to their places, where all values begin at a whole block and none has a
    /// place already; or finds that they lie side by side already, in a later concatenation that begins with the same values.
    /// </summary>
    private void PlaceInConcatenation(GraphNode concat)
    {
        var blocks = new List<int> { 0 };
        foreach (var input in concat.Inputs)
            blocks.Add(blocks[blocks.Count - 1] + ((_graph.ShapeOf(input).Channels + BufferPlanner.Block - 1) / BufferPlanner.Block));
        var aligned = concat.Inputs.Take(concat.Inputs.Count - 1).All(input => _graph.ShapeOf(input).Channels % BufferPlanner.Block == 0);
        if (!aligned || concat.Inputs.Any(input => _graph.LayoutOf(input) != Layout.Blocked16))
            return;
        var first = PlaceOf(concat.Inputs[0]);
        if (
            concat
                .Inputs.Select((input, index) => (input, index))
                .All(entry => PlaceOf(entry.input) == new StoragePlace(first.Owner, first.Block + blocks[entry.index]))
        )
        {
            if (!IsAlone(concat.Name) || first.Owner == concat.Name)
                return;
            Share(concat.Name, first);
            _aliases.Add(concat.Name);
        }
        else if (
            concat.Inputs.All(input => PlaceOf(input) == new StoragePlace(input, 0))
            && concat.Inputs.Distinct(StringComparer.Ordinal).Count() == concat.Inputs.Count
        )
        {
            var place = PlaceOf(concat.Name);
            for (var index = 0; index < concat.Inputs.Count; index++)
                Share(concat.Inputs[index], place with { Block = place.Block + blocks[index] });
            _aliases.Add(concat.Name);
        }
    }

    /// <summary>Whole blocks of an image are a value in themselves.</summary>
    private bool IsView(GraphNode node, Slice slice) =>
        node.Layout == Layout.Blocked16
        && slice.Step == 1
        && slice.Begin % BufferPlanner.Block == 0
        && IsAlone(node.Name)
        && _graph.LayoutOf(node.Inputs[0]) == Layout.Blocked16
        && KeepsFlattened(PlaceOf(node.Inputs[0]).Owner, node);

    /// <summary>
    /// Other dimensions move nothing in a dense value, nor does flattening one pixel or a vector: blocks of 16 channels of one pixel lie as
    /// the padded vector does.
    /// </summary>
    private bool IsSameMemory(GraphNode node)
    {
        if (node.Layout == Layout.Dense)
            return node.Operator is Reshape or Flatten && !_graph.IsOutput(node.Name) && IsDenseInArena(node.Inputs[0]);
        if (node.Operator is not Flatten)
            return false;
        var shape = _graph.ShapeOf(node.Inputs[0]);
        if (node.Type.Quantization is not null)
            return (!shape.IsImage || shape is { Height: 1, Width: 1 })
                && _graph.LayoutOf(node.Inputs[0]) == node.Layout
                && ByteLayout.ChannelPitch(shape) == ByteLayout.ChannelPitch(node.Shape);
        return !shape.IsImage
            || (
                shape is { Height: 1, Width: 1 }
                && _graph.LayoutOf(node.Inputs[0]) == Layout.Blocked16
                // A padded convolution that reads the pixel, or what shares its storage, wants zeros around it, and then the blocks are not
                // side by side.
                && Tenants(node.Inputs[0]).All(tenant => BufferPlanner.HaloOf(_graph, _choices, tenant).IsNone)
            );
    }

    // What the caller gave is read where it lies, and parameters lie among the constants.
    private bool IsDenseInArena(string value) =>
        _graph.FindNode(value) is { Layout: Layout.Dense, Operator: not Constant } && !_graph.IsOutput(value);

    /// <summary>
    /// True where a step may write over an operand: it reads each element just before it writes the same one, both lie alike, and nothing
    /// that shares the operand's storage is read later. The halo needs no thought: both values share one that the first writer zeroes.
    /// </summary>
    private bool MayWriteOver(GraphNode node, string operand)
    {
        if (_graph.FindNode(operand)?.Operator is Constant || !_places.TryGetValue(operand, out var place) || _graph.IsOutput(node.Name))
            return false;
        var kernel = _choices.Of(node);
        for (var index = 0; index < node.Inputs.Count; index++)
        {
            // Of other operands the kernel reads what shares around an element as well.
            var shares = _places.TryGetValue(node.Inputs[index], out var other) && other.Owner == place.Owner;
            if (shares && !kernel.MayWriteOver(index))
                return false;
        }

        var (step, owner) = (_steps[node.Name], place.Owner);
        return _graph.ShapeOf(owner).Equals(node.Shape)
            && _graph.ShapeOf(operand).Equals(node.Shape)
            && _graph.LayoutOf(owner) == node.Layout
            && _tenants[owner].All(tenant => LastRead(tenant) <= step && _steps[tenant] < step)
            && KeepsFlattened(owner, node);
    }

    /// <summary>
    /// False where a value would bring a halo into a storage whose one pixel was flattened where it lies: the blocks would no longer be
    /// side by side.
    /// </summary>
    private bool KeepsFlattened(string owner, GraphNode node) =>
        BufferPlanner.HaloOf(_graph, _choices, node.Name).IsNone
        || !_tenants[owner].Any(tenant => _graph.FindNode(tenant)!.Operator is Flatten);

    private int LastRead(string value) =>
        _graph.ConsumersOf(value) is { Count: > 0 } consumers ? _steps[consumers[consumers.Count - 1].Name] : -1;
}

/// <summary>Where a value lies in a storage.</summary>
/// <param name="Owner">The value that covers the whole storage.</param>
/// <param name="Block">The blocks of 16 channels in front of the value.</param>
internal readonly record struct StoragePlace(string Owner, int Block);
