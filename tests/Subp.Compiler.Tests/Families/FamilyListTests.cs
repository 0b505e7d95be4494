using Subp.Compiler.Emission;
using Subp.Compiler.Families;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Costs;
using Subp.Compiler.Planning.Scheduling;
using Subp.Core.Graphs;
using Xunit;

namespace Subp.Compiler.Tests.Families;

/// <summary>A family is a folder and a line: nothing else in planning and emission has to be told of it.</summary>
public sealed class FamilyListTests
{
    [Fact]
    public void Every_family_has_its_line()
    {
        var families = typeof(KernelFamily).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(KernelFamily)) && !type.IsAbstract);
        Assert.Equal(Names(families), Names(KernelFamilies.All.Select(family => family.GetType())));
    }

    [Fact]
    public void Every_family_has_its_folder()
    {
        var root = typeof(KernelFamily).Namespace + ".";
        Assert.All(KernelFamilies.All, family => Assert.StartsWith(root, family.GetType().Namespace, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_plan_belongs_to_the_folder_of_a_family()
    {
        var folders = KernelFamilies.All.Select(family => family.GetType().Namespace).ToHashSet();
        var plans = typeof(FamilyPlan).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(FamilyPlan)) && !type.IsAbstract);
        Assert.All(plans, plan => Assert.Contains(plan.Namespace, folders));
    }

    [Fact]
    public void A_family_that_accepts_nothing_changes_nothing()
    {
        KernelFamily family = new EmptyFamily();
        var graph = Passes.PassText.Parse(
            """
            input x: f32[1,4]
            node y: f32[1,4] = relu(x)
            output y
            """
        );
        Assert.False(family.Accepts(graph, graph.Nodes[0]));
        var plan = ModelPlanner.Plan(graph, new CompileOptions());
        var writer = new CSharpWriter();
        Assert.All(plan.Layers, layer => Assert.False(family.TryWrite(writer, layer.OfFamily, InstructionSet.Portable, plan)));
        Assert.Null(family.WriteShared(plan, InstructionSet.Portable));
        Assert.Equal("", writer.ToString());
    }

    private static IEnumerable<string?> Names(IEnumerable<Type> types) => types.Select(type => type.FullName).Order(StringComparer.Ordinal);

    /// <summary>All that a new family has to say: what it accepts, its plan, its writer.</summary>
    private sealed class EmptyFamily : KernelFamily<EmptyPlan>
    {
        public override bool Accepts(Graph graph, GraphNode node) => false;

        public override FamilyPlan Plan(FamilyRequest request) => new EmptyPlan(request.Tiles(1)) { Operands = request.Operands };

        protected override void Write(CSharpWriter writer, EmptyPlan plan, InstructionSet set) => writer.Line("// Nothing to do.");
    }

    /// <summary>All that a plan has to say: what its tasks touch, and what they cost.</summary>
    private sealed record EmptyPlan(LayerFrame Frame) : FamilyPlan(Frame)
    {
        public override void AddFootprint(WorkRange range, SpanList reads, SpanList writes) { }

        public override IReadOnlyList<WorkItem> Work(InstructionSet set, MachineDescription machine) => [];
    }
}
