using Subp.Core.Graphs;

namespace Subp.Compiler.Passes;

/// <summary>One rewrite of the structure of a graph. A pass looks at structure only, never at weight values.</summary>
public abstract class GraphPass
{
    /// <summary>The name in kebab-case, for dumps and for stopping after a pass.</summary>
    public abstract string Name { get; }

    /// <summary>The rewritten graph, or the very same object where the pass changed nothing.</summary>
    public abstract Graph Run(Graph graph);

    /// <summary>A name that no value of a graph bears yet, as near to the wanted one as may be.</summary>
    protected static string UniqueName(Graph graph, string wanted)
    {
        while (graph.FindNode(wanted) is not null || graph.IsInput(wanted))
            wanted += "_";
        return wanted;
    }
}
