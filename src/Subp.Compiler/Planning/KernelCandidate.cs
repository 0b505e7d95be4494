using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Planning;

/// <summary>
/// One way to compute a node, offered by a family of kernels: what the planning of memory has to know of it, what it would cost, and the
/// plan that it turns into if it is chosen.
/// </summary>
internal abstract class KernelCandidate
{
    /// <summary>What it is called among the candidates of a node, <c>winograd4</c>.</summary>
    public abstract string Name { get; }

    /// <summary>
    /// The predicted cycles on one thread with the first instruction set; all sets share layouts and schedule. Asked for only where several
    /// candidates compete.
    /// </summary>
    public abstract double Cycles { get; }

    /// <summary>True where a hint asks for it.</summary>
    public virtual bool IsAskedFor => false;

    /// <summary>The zeros that the kernel expects around an operand.</summary>
    public virtual Halo HaloOf(int operand) => Halo.None;

    /// <summary>
    /// True where the kernel may write its result over an operand: it reads each element of it just before it writes the same one.
    /// </summary>
    public virtual bool MayWriteOver(int operand) => false;

    /// <summary>
    /// The operator that computes the node and its only reader as one, which this candidate's family accepts and computes faster; null
    /// where there is none.
    /// </summary>
    /// <param name="reader">The node that alone reads the result.</param>
    public virtual Operator? JoinedWith(GraphNode reader) => null;

    /// <summary>The step that computes the node.</summary>
    public abstract FamilyPlan Plan(FamilyRequest request);
}
