using Subp.Compiler.Emission;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;

namespace Subp.Compiler.Families;

/// <summary>
/// A family of kernels: what it can compute, how it plans a node and how it writes the code. Everything about it lies in one folder, and
/// <see cref="KernelFamilies"/> lists it.
/// </summary>
internal abstract class KernelFamily
{
    /// <summary>True where the family computes nodes that read or make bytes, or nodes that do not.</summary>
    public virtual bool Takes(bool bytes) => !bytes;

    /// <summary>True where the operands of a node are dense; of bytes, otherwise, the channels are last.</summary>
    public virtual bool ReadsDense(Graph graph, GraphNode node) => true;

    /// <summary>True where the result of a node is dense; of bytes, otherwise, the channels are last.</summary>
    public virtual bool WritesDense(Graph graph, GraphNode node) => true;

    /// <summary>True where the family computes a node whose operands and result are dense.</summary>
    public abstract bool Accepts(Graph graph, GraphNode node);

    /// <summary>Plans a node that it accepts.</summary>
    public abstract FamilyPlan Plan(FamilyRequest request);

    /// <summary>Writes what the kernels of all instruction sets read; nothing where the plan is of another family.</summary>
    public virtual void WriteTables(CSharpWriter writer, FamilyPlan plan) { }

    /// <summary>Writes the layer method of one instruction set.</summary>
    /// <returns>False where the plan is of another family.</returns>
    public abstract bool TryWrite(CSharpWriter writer, FamilyPlan plan, InstructionSet set);
}
