using Subp.Compiler;
using Subp.Compiler.Emission;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Xunit;

namespace Subp.Roslyn.Tests.Families;

/// <summary>A computed index out of range ends the run, with one thread and with two, and the session stays usable.</summary>
public sealed class IndexOutsideTests
{
    private static readonly Dictionary<string, Operator> s_takes = new(StringComparer.Ordinal)
    {
        ["take"] = new Take { Axis = 0 },
        ["take_elements"] = new TakeElements { Axis = 0 },
        ["take_tuples"] = new TakeTuples(),
    };

    public static IEnumerable<object[]> Cases() => s_takes.Keys.SelectMany(name => new object[][] { [name, 1], [name, 2] });

    [Theory]
    [MemberData(nameof(Cases))]
    public void An_index_out_of_range_ends_the_run_and_no_other(string name, int threads)
    {
        var builder = new GraphBuilder("chosen");
        var x = builder.Input("x", new TensorShape(4));
        var indices = builder.Node("i", new Activate(Activation.Of(ActivationKind.Truncate)), x);
        if (name == "take_tuples")
            indices = builder.Node("t", new Reshape(4, 1), indices);
        builder.Output(builder.Node("y", s_takes[name], x, indices));
        using var model = Compiled(builder.Build());
        foreach (var set in model.InstructionSets.Where(model.IsSupported))
        {
            using var session = model.CreateSession(threads, set);
            var output = new float[4];
            foreach (var index in new[] { 4, -5, 1e9f, float.NaN, float.NegativeInfinity })
            {
                var failure = Assert.ThrowsAny<Exception>(() => session.Run([0, 1, 2, index], output));
                var cause = failure as IndexOutOfRangeException ?? Assert.IsType<IndexOutOfRangeException>(failure.InnerException);
                Assert.Contains("expected a whole number from -4 to 3.", cause.Message, StringComparison.Ordinal);
            }

            session.Run([3, -4, 2, -1], output);
            Assert.Equal([-1, 3, 2, -1], output);
        }
    }

    private static LoadedModel Compiled(Graph graph)
    {
        var options = new CompileOptions { ThreadCounts = [1, 2] };
        var model = PassPipeline.Pack(new Model(graph, new WeightSet()));
        var plan = ModelPlanner.Plan(model.Graph, options);
        return LoadedModel.Load(
            ModelAssemblyCompiler.Compile(
                ModelEmitter.Emit(plan),
                ModelBundle.Write(model).Safetensors,
                plan.ClassName,
                $"{plan.Options.Namespace}.{plan.ClassName}.safetensors"
            )
        );
    }
}
