using Subp.Core.Weights;

namespace Subp.Compiler.Packing;

/// <summary>One rewrite of a network that may look at, and change, weight values. Packing runs before a bundle is written.</summary>
public abstract class PackingPass
{
    /// <summary>The name in kebab-case.</summary>
    public abstract string Name { get; }

    /// <summary>The rewritten network, or the very same object where the pass changed nothing.</summary>
    public abstract Model Run(Model model);
}
