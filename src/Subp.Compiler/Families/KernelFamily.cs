using Subp.Compiler.Emission;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Hints;
using Subp.Compiler.Planning.Layouts;
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

    /// <summary>
    /// True where it computes dense values; false where it computes images in blocks of 16 channels or in planes, and padded vectors.
    /// </summary>
    public virtual bool IsDense => true;

    /// <summary>True where the family computes a node whose operands and result lie as it wants them.</summary>
    public abstract bool Accepts(Graph graph, GraphNode node);

    /// <summary>
    /// The ways to compute a node that it accepts, the one that should win among equals first; none where the options or another property
    /// of the node leave it to another family.
    /// </summary>
    public virtual IEnumerable<KernelCandidate> Candidates(KernelChoices choices, GraphNode node) =>
        [new OnlyCandidate(this, choices, node)];

    /// <summary>
    /// What it offers for a node of a graph in blocks if its operands and result lay in stripes of 16 pixels; null where it computes none
    /// so.
    /// </summary>
    /// <exception cref="Core.Diagnostics.SubpException">SUBP0605: a hint asks for stripes where it has no kernel.</exception>
    public virtual LayoutOffer? InStripes(KernelChoices choices, GraphNode node) => null;

    /// <summary>Plans a node that it accepts.</summary>
    public abstract FamilyPlan Plan(FamilyRequest request);

    /// <summary>The zeros that its kernel expects around an operand.</summary>
    public virtual Halo HaloOf(Graph graph, GraphNode node, int operand) => Halo.None;

    /// <summary>
    /// True where its kernel may write the result over an operand: it reads each element of it just before it writes the same one.
    /// </summary>
    public virtual bool MayWriteOver(Graph graph, GraphNode node, int operand) => false;

    /// <summary>
    /// Why it offers nothing for a node of which one may expect that, or why it sets a hint aside; null where there is nothing to say.
    /// </summary>
    public virtual string? Remark(KernelChoices choices, GraphNode node) => null;

    /// <summary>True where hints may choose among its candidates.</summary>
    public virtual bool HasChoices(Graph graph, GraphNode node) => false;

    /// <summary>Requires that it knows the words of the hints of a node that has choices.</summary>
    /// <exception cref="Core.Diagnostics.SubpException">SUBP0605: it does not, or hints contradict each other.</exception>
    public virtual void CheckHints(GraphNode node, IReadOnlyDictionary<string, string> words) { }

    /// <summary>Hints for a planned layer that are worth measuring, beside what was chosen.</summary>
    public virtual IEnumerable<HintCandidate> Alternatives(ModelPlan model, FamilyPlan layer, InstructionSet set) => [];

    /// <summary>Writes what the kernels of all instruction sets read; nothing where the plan is of another family.</summary>
    public virtual void WriteTables(CSharpWriter writer, FamilyPlan plan) { }

    /// <summary>Writes the layer method of one instruction set.</summary>
    /// <returns>False where the plan is of another family.</returns>
    public abstract bool TryWrite(CSharpWriter writer, FamilyPlan plan, InstructionSet set, ModelPlan model);

    /// <summary>Writes the file of methods of one instruction set that all its layers of a model share; null where it needs none.</summary>
    public virtual KernelFile? WriteShared(ModelPlan model, InstructionSet set) => null;
}
