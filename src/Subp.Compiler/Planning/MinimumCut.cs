namespace Subp.Compiler.Planning;

/// <summary>
/// Divides vertices into two sides so that the capacities of all edges from the first side to the second are as small as they can be:
/// the largest flow by augmenting shortest paths (Edmonds and Karp, 1972). Of several such divisions it is the one with the largest first
/// side.
/// </summary>
/// <param name="vertices">The number of vertices; the first is the source, the second the sink.</param>
public sealed class MinimumCut(int vertices)
{
    /// <summary>The vertex of the first side.</summary>
    public const int Source = 0;

    /// <summary>The vertex of the second side.</summary>
    public const int Sink = 1;

    /// <summary>More than all other capacities together: an edge that is never cut.</summary>
    public const long Never = 1L << 60;

    private readonly List<int> _ends = [];
    private readonly List<long> _rest = [];
    private readonly List<int>[] _edges = [.. Enumerable.Range(0, vertices).Select(_ => new List<int>())];

    /// <summary>Adds what it costs to have one vertex on the first side and another on the second.</summary>
    public void Add(int from, int to, long capacity)
    {
        foreach (var (start, end, rest) in new[] { (from, to, capacity), (to, from, 0L) })
        {
            _edges[start].Add(_ends.Count);
            _ends.Add(end);
            _rest.Add(rest);
        }
    }

    /// <summary>
    /// Adds a value that is converted where a reader is on another side than what makes it, once however many such readers there are.
    /// </summary>
    /// <param name="made">The vertex of what makes the value.</param>
    /// <param name="readers">The vertices of what reads it.</param>
    /// <param name="vertex">The first of two vertices of its own: the value as the first side has it, and as the second has it.</param>
    /// <param name="toFirst">What it costs to convert it for the first side.</param>
    /// <param name="toSecond">What it costs to convert it for the second side.</param>
    public void AddValue(int made, IEnumerable<int> readers, int vertex, long toFirst, long toSecond)
    {
        Add(vertex, made, toFirst);
        Add(made, vertex + 1, toSecond);
        foreach (var reader in readers)
        {
            Add(reader, vertex, Never);
            Add(vertex + 1, reader, Never);
        }
    }

    /// <summary>For every vertex whether it is on the first side.</summary>
    public bool[] FirstSide()
    {
        while (Path() is { } path)
        {
            var least = path.Min(edge => _rest[edge]);
            foreach (var edge in path)
            {
                _rest[edge] -= least;
                _rest[edge ^ 1] += least;
            }
        }

        // All that cannot reach the sink any more.
        var second = new bool[vertices];
        second[Sink] = true;
        var next = new Queue<int>([Sink]);
        while (next.Count > 0)
        {
            var vertex = next.Dequeue();
            foreach (var edge in _edges[vertex].Where(edge => _rest[edge ^ 1] > 0 && !second[_ends[edge]]))
            {
                second[_ends[edge]] = true;
                next.Enqueue(_ends[edge]);
            }
        }

        return [.. second.Select(isSecond => !isSecond)];
    }

    private List<int>? Path()
    {
        var into = new int[vertices];
        var seen = new bool[vertices];
        seen[Source] = true;
        var next = new Queue<int>([Source]);
        while (!seen[Sink] && next.Count > 0)
        {
            var vertex = next.Dequeue();
            foreach (var edge in _edges[vertex].Where(edge => _rest[edge] > 0 && !seen[_ends[edge]]))
            {
                seen[_ends[edge]] = true;
                into[_ends[edge]] = edge;
                next.Enqueue(_ends[edge]);
            }
        }

        if (!seen[Sink])
            return null;
        var path = new List<int>();
        for (var vertex = Sink; vertex != Source; vertex = _ends[into[vertex] ^ 1])
            path.Add(into[vertex]);
        return path;
    }
}
