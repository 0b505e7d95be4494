using Subp.Compiler;
using Subp.Core.Graphs;
using Subp.Core.Text;
using Subp.Core.Weights;
using Subp.Testing;

namespace Subp.Roslyn.Tests.Kernels;

/// <summary>A network with the options it is compiled under.</summary>
/// <param name="Name">The name of the case, of its network and of its files.</param>
/// <param name="Model">The network as a user has it, before packing.</param>
/// <param name="Unroll">How far patterns are unrolled.</param>
internal sealed record KernelCase(string Name, Model Model, UnrollMode Unroll)
{
    /// <summary>Plan hints, most of which ask for kernels that the planner would not choose.</summary>
    public PlanHints Hints { get; init; } = PlanHints.Empty;

    /// <summary>Whether kernels are kept to that round little.</summary>
    public bool Precise { get; init; }

    /// <summary>The thread counts.</summary>
    public IReadOnlyList<int> ThreadCounts { get; init; } = [1, 2, 3];

    /// <summary>The options it is compiled under.</summary>
    public CompileOptions Options =>
        new()
        {
            Unroll = Unroll,
            Hints = Hints,
            ThreadCounts = ThreadCounts,
            Precise = Precise,
        };

    /// <summary>A case with random weights.</summary>
    public static KernelCase Of(
        string name,
        TensorShape input,
        Func<GraphBuilder, string, string> layers,
        UnrollMode unroll = UnrollMode.Auto
    )
    {
        var builder = new GraphBuilder(name);
        builder.Output(layers(builder, builder.Input("image", input)));
        return new KernelCase(name, RandomWeights.For(builder.Build(), seed: 1), unroll);
    }
}
