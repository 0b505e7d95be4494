using Subp.Core.Diagnostics;
using Subp.Onnx.Protos;

namespace Subp.Onnx.Import;

/// <summary>
/// Who defines and who reads each value of an ONNX graph, and the nodes that the outputs need in an order of computation: as in the file,
/// but producers before consumers and constant parts before all that depends on an input. Nodes that no output needs are left out.
/// </summary>
internal sealed class GraphIndex
{
    private readonly Dictionary<string, TensorProto> _initialisers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _producers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<NodeProto>> _consumers = new(StringComparer.Ordinal);
    private readonly HashSet<string> _inputs = new(StringComparer.Ordinal);
    private readonly HashSet<string> _outputs = new(StringComparer.Ordinal);

    /// <summary>Indexes a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="outputs">The values that count as outputs; none for those of the graph.</param>
    /// <exception cref="SubpException">Names are missing, undefined or defined twice, values depend on themselves, or there is no
    /// interface.</exception>
    public GraphIndex(GraphProto graph, IReadOnlyList<string> outputs)
    {
        if (graph.SparseInitializer.Count > 0)
            throw new SubpException(
                DiagnosticDescriptors.OnnxTensor,
                $"tensor '{graph.SparseInitializer[0].Values?.Name}'",
                "a sparse initialiser",
                "dense initialisers",
                "Pruned weights are found in dense initialisers by their zeros."
            );
        foreach (var initialiser in graph.Initializer)
        {
            if (initialiser.Name.Length == 0 || !_initialisers.TryAdd(initialiser.Name, initialiser))
                throw Invalid("initialisers", $"'{initialiser.Name}' twice or without a name", "one initialiser of each name");
        }

        // Files of IR version 3 list the initialisers among the inputs; they are not inputs of the network.
        Inputs = [.. graph.Input.Where(input => !_initialisers.ContainsKey(input.Name))];
        foreach (var input in Inputs)
        {
            if (input.Name.Length == 0 || !_inputs.Add(input.Name))
                throw Invalid("inputs", $"'{input.Name}' twice or without a name", "one input of each name");
        }

        IndexProducers(graph.Node);
        Outputs = outputs.Count > 0 ? outputs : [.. graph.Output.Select(output => output.Name)];
        if (Inputs.Count == 0 || Outputs.Count == 0)
            throw Invalid(
                "graph",
                FormattableString.Invariant($"{Inputs.Count} inputs and {Outputs.Count} outputs"),
                "at least one of each"
            );
        foreach (var output in Outputs)
        {
            if (!IsDefined(output) || !_outputs.Add(output))
                throw Invalid($"output '{output}'", "a name that is undefined or given twice", "the name of a value");
        }

        var needed = FindNeeded(graph.Node);
        var runtime = FindRuntimeNodes();
        Nodes = Sort(graph.Node, needed, runtime);
        ConstantNodeCount = Nodes.TakeWhile(node => !runtime.Contains(node)).Count();
    }

    /// <summary>The inputs of the network, initialisers excluded.</summary>
    public IReadOnlyList<ValueInfoProto> Inputs { get; }

    /// <summary>The names of the outputs.</summary>
    public IReadOnlyList<string> Outputs { get; }

    /// <summary>The needed nodes in order of computation.</summary>
    public IReadOnlyList<NodeProto> Nodes { get; }

    /// <summary>How many of <see cref="Nodes"/>, from the first on, depend on no input.</summary>
    public int ConstantNodeCount { get; }

    /// <summary>The initialiser of a name, or null.</summary>
    public TensorProto? FindInitialiser(string name) => _initialisers.GetValueOrDefault(name);

    /// <summary>The names of all values of the model.</summary>
    public IEnumerable<string> ValueNames => _inputs.Concat(_initialisers.Keys).Concat(_producers.Keys);

    /// <summary>The one node that reads a value, or null where several do or the value is an output.</summary>
    public NodeProto? SoleConsumer(string value) =>
        !_outputs.Contains(value) && _consumers.TryGetValue(value, out var consumers) && consumers.Count == 1 ? consumers[0] : null;

    /// <summary>
    /// False where nothing reads an output of a node of the model, and it is no output of the network. Of values within branches, which are
    /// not indexed, nothing is known.
    /// </summary>
    public bool IsRead(string value) => !_producers.ContainsKey(value) || _outputs.Contains(value) || _consumers.ContainsKey(value);

    /// <summary>How messages name a node: by its name, or by its first output where it has none, and by its operator.</summary>
    public static string Label(NodeProto node) => $"node {Name(node)} ({node.OpType})";

    /// <summary>The name of a node in quotes, or its first output where it has none.</summary>
    public static string Name(NodeProto node) =>
        node.Name.Length > 0 ? $"'{node.Name}'" : $"of output '{node.Output.FirstOrDefault(output => output.Length > 0)}'";

    private bool IsDefined(string name) => _inputs.Contains(name) || _initialisers.ContainsKey(name) || _producers.ContainsKey(name);

    private void IndexProducers(IReadOnlyList<NodeProto> nodes)
    {
        for (var index = 0; index < nodes.Count; index++)
        {
            foreach (var output in nodes[index].Output)
            {
                if (output.Length == 0)
                    continue;
                if (IsDefined(output))
                    throw Invalid(Label(nodes[index]), $"a second definition of '{output}'", "one definition of each value");
                _producers.Add(output, index);
            }
        }
    }

    private bool[] FindNeeded(IReadOnlyList<NodeProto> nodes)
    {
        var needed = new bool[nodes.Count];
        var pending = new Stack<string>(Outputs);
        while (pending.TryPop(out var value))
        {
            if (!_producers.TryGetValue(value, out var index) || needed[index])
                continue;
            needed[index] = true;
            foreach (var input in Read(nodes[index]))
            {
                if (!IsDefined(input))
                    throw Invalid(
                        Label(nodes[index]),
                        $"the undefined input '{input}'",
                        "a graph input, an initialiser or the output of a node"
                    );
                pending.Push(input);
            }
        }

        for (var index = 0; index < nodes.Count; index++)
        {
            if (!needed[index])
                continue;
            foreach (var input in Read(nodes[index]))
            {
                if (!_consumers.TryGetValue(input, out var consumers))
                    _consumers[input] = consumers = [];
                consumers.Add(nodes[index]);
            }
        }

        return needed;
    }

    private HashSet<NodeProto> FindRuntimeNodes()
    {
        // Nodes are compared by identity: protobuf messages compare by content, and two nodes without outputs may be alike.
        var runtime = new HashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        var pending = new Stack<string>(_inputs);
        while (pending.TryPop(out var value))
        {
            foreach (var node in _consumers.GetValueOrDefault(value, []))
            {
                if (!runtime.Add(node))
                    continue;
                foreach (var output in node.Output)
                    pending.Push(output);
            }
        }

        return runtime;
    }

    private List<NodeProto> Sort(IReadOnlyList<NodeProto> nodes, bool[] needed, HashSet<NodeProto> runtime)
    {
        var waiting = new int[nodes.Count];
        var readers = new Dictionary<int, List<int>>();
        var ready = new PriorityQueue<int, (bool Runtime, int Index)>();
        for (var index = 0; index < nodes.Count; index++)
        {
            if (!needed[index])
                continue;
            foreach (var input in Read(nodes[index]))
            {
                if (!_producers.TryGetValue(input, out var producer))
                    continue;
                waiting[index]++;
                if (!readers.TryGetValue(producer, out var list))
                    readers[producer] = list = [];
                list.Add(index);
            }

            if (waiting[index] == 0)
                ready.Enqueue(index, (runtime.Contains(nodes[index]), index));
        }

        var order = new List<NodeProto>();
        while (ready.TryDequeue(out var index, out _))
        {
            order.Add(nodes[index]);
            foreach (var reader in readers.GetValueOrDefault(index, []))
            {
                if (--waiting[reader] == 0)
                    ready.Enqueue(reader, (runtime.Contains(nodes[reader]), reader));
            }
        }

        var stuck = Array.FindIndex(waiting, count => count > 0);
        if (stuck >= 0)
            throw Invalid(Label(nodes[stuck]), "a value that depends on itself", "a graph without cycles");
        return order;
    }

    // What a node reads, the graphs of its branches included; what these define themselves is not read.
    private static IEnumerable<string> Read(NodeProto node)
    {
        var read = node.Input.Where(input => input.Length > 0);
        foreach (var branch in node.Attribute.Select(attribute => attribute.G).Where(graph => graph is not null))
        {
            var own = branch
                .Node.SelectMany(inner => inner.Output)
                .Concat(branch.Initializer.Select(tensor => tensor.Name))
                .Concat(branch.Input.Select(input => input.Name))
                .ToHashSet(StringComparer.Ordinal);
            read = read.Concat(
                branch.Node.SelectMany(Read).Concat(branch.Output.Select(output => output.Name)).Where(name => !own.Contains(name))
            );
        }

        return read.Distinct(StringComparer.Ordinal);
    }

    private static SubpException Invalid(string location, string found, string expected) =>
        new(DiagnosticDescriptors.OnnxGraph, location, found, expected);
}
