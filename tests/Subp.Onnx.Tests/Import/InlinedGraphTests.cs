using Subp.Core.Diagnostics;
using Subp.Core.Interpretation;
using Subp.Onnx.Protos;
using Xunit;
using static Subp.Onnx.Tests.OnnxFile;
using AttributeType = Subp.Onnx.Protos.AttributeProto.Types.AttributeType;

namespace Subp.Onnx.Tests.Import;

/// <summary>
/// Graphs inside of a model that become part of its graph: functions that nodes call, and branches of computed conditions.
/// </summary>
public class InlinedGraphTests
{
    private const string Domain = "local";

    [Fact]
    public void A_function_takes_the_place_of_its_calls_and_keeps_its_names_to_itself()
    {
        // Inside, 'x' is what the function calls its second result, and 'y' its input.
        var file = Create([1, 2]).Node("Twice", "x", "a").Node("Twice", "a", "y");
        file.Model.Functions.Add(Function("Twice", ["y"], ["z"], Node("Add", "y y", "x"), Node("Identity", "x", "z")));
        Call(file);
        Assert.Equal([4, 8], Run(file, 1, 2));
    }

    [Fact]
    public void Functions_call_functions_and_their_attributes_reach_the_nodes()
    {
        var file = Create([1, 3]).Node("Outer", "x", "y", Real("slope", 0.5f));
        var inner = Function("Inner", ["v"], ["w"], Node("LeakyRelu", "v", "w", Reference("alpha", "slope")));
        inner.AttributeProto.Add(Real("slope", 0.25f));
        var outer = Function("Outer", ["v"], ["w"], Node("Inner", "v", "t", Reference("slope", "slope")), Node("Inner", "t", "w"));
        outer.Attribute.Add("slope");
        outer.Node[0].Domain = outer.Node[1].Domain = Domain;
        file.Model.Functions.Add(inner);
        file.Model.Functions.Add(outer);
        Call(file);
        Assert.Equal([-0.125f, 0, 8], Run(file, -1, 0, 8));
    }

    [Fact]
    public void An_optional_input_and_an_output_that_is_an_input_are_understood()
    {
        var file = Create([1, 3]).Node("Bounded", "x", "y same");
        file.Model.Functions.Add(Function("Bounded", ["v", "low"], ["w", "v"], Node("Clip", "v low", "w")));
        file.Graph.Output.Add(new ValueInfoProto { Name = "same" });
        Call(file);
        Assert.Equal(["y", "same"], file.Import().Graph.Outputs);
        Assert.Equal([-1, 0, 8], Run(file, -1, 0, 8));
    }

    [Fact]
    public void A_function_inside_of_a_branch_is_inlined_too()
    {
        var file = Create([1, 2])
            .Node("ReduceSum", "x", "s", Integer("keepdims", 0))
            .Constant("zero", [], 0)
            .Node("Greater", "s zero", "c");
        file.Node("If", "c", "y", Branch("then_branch", Node("Twice", "x", "t")), Branch("else_branch", Node("Neg", "x", "e")));
        file.Graph.Node[^1].Attribute[0].G.Node[0].Domain = Domain;
        file.Model.Functions.Add(Function("Twice", ["v"], ["w"], Node("Add", "v v", "w")));
        Call(file);
        Assert.Equal([2, 4], Run(file, 1, 2));
        Assert.Equal([-1, 2], Run(file, 1, -2));
    }

    [Fact]
    public void Functions_that_do_not_end_or_do_not_fit_are_refused()
    {
        OnnxFile Calling(FunctionProto function, params AttributeProto[] attributes)
        {
            var file = Create([1, 2]).Node(function.Name, "x", "y", attributes);
            file.Model.Functions.Add(function);
            function.Node[0].Domain = function.Node[0].OpType == function.Name ? Domain : "";
            Call(file);
            return file;
        }

        Refused("SUBP0409", "the function 'F' inside itself", Calling(Function("F", ["v"], ["w"], Node("F", "v", "w"))));
        Refused("SUBP0409", "1 inputs and 1 outputs", Calling(Function("F", [], ["w"], Node("Relu", "v", "w"))));
        Refused("SUBP0409", "the attribute 'alpha'", Calling(Function("F", ["v"], ["w"], Node("Elu", "v", "w")), Real("alpha", 1)));
        Refused("SUBP0409", "a reference to", Calling(Function("F", ["v"], ["w"], Node("Elu", "v", "w", Reference("alpha", "b")))));
        var old = Function("F", ["v"], ["w"], Node("Elu", "v", "w"));
        old.OpsetImport.Add(new OperatorSetIdProto { Version = 9 });
        Refused("SUBP0402", "the function 'F' of opset 9 in a model of opset 17", Calling(old));

        // Each function calls the one before it twice: a million nodes from twenty functions.
        var file = Create([1, 2]).Node("F20", "x", "y");
        file.Model.Functions.Add(Function("F0", ["v"], ["w"], Node("Relu", "v", "w")));
        for (var level = 1; level <= 20; level++)
        {
            var below = FormattableString.Invariant($"F{level - 1}");
            var function = Function(FormattableString.Invariant($"F{level}"), ["v"], ["w"], Node(below, "v", "t"), Node(below, "t", "w"));
            function.Node[0].Domain = function.Node[1].Domain = Domain;
            file.Model.Functions.Add(function);
        }

        Call(file);
        Refused("SUBP0208", "131073 nodes", file);
    }

    [Fact]
    public void Both_branches_of_a_computed_condition_are_computed_and_one_is_chosen()
    {
        Assert.Equal([-3, 1], Run(Choice("Neg"), 3, -1));
        Assert.Equal([2, -6], Run(Choice("Neg"), 1, -3));
        var uneven = Choice("ReduceMax");
        var refusal = Assert.Throws<SubpException>(() => uneven.Import()).Diagnostic;
        Assert.StartsWith("a computed condition and branches that give [1,1] and [1,2]", refusal.Found, StringComparison.Ordinal);
    }

    // Values inside of branches bear the names of a value outside and of each other.
    private static OnnxFile Choice(string positive)
    {
        var file = Create([1, 2], 12).Node("ReduceSum", "x", "s", Integer("keepdims", 0)).Constant("zero", [], 0);
        file.Node("Greater", "s zero", "c");
        return file.Node(
            "If",
            "c",
            "y",
            Branch("then_branch", Node(positive, "x", "t", positive == "Neg" ? [] : [List("axes", 1)])),
            Branch("else_branch", Node("Add", "x x", "t"))
        );
    }

    private static FunctionProto Function(string name, string[] inputs, string[] outputs, params NodeProto[] nodes) =>
        new()
        {
            Name = name,
            Domain = Domain,
            Input = { inputs },
            Output = { outputs },
            Node = { nodes },
        };

    private static NodeProto Node(string type, string inputs, string outputs, params AttributeProto[] attributes) =>
        new()
        {
            OpType = type,
            Input = { inputs.Split(' ') },
            Output = { outputs.Split(' ') },
            Attribute = { attributes },
        };

    private static AttributeProto Reference(string name, string referred) =>
        new()
        {
            Name = name,
            Type = AttributeType.Float,
            RefAttrName = referred,
        };

    private static AttributeProto Branch(string name, NodeProto node) =>
        new()
        {
            Name = name,
            Type = AttributeType.Graph,
            G = new GraphProto { Node = { node }, Output = { new ValueInfoProto { Name = node.Output[0] } } },
        };

    // The nodes of the graph that call functions are in their domain.
    private static void Call(OnnxFile file)
    {
        var names = file.Model.Functions.Select(function => function.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var node in file.Graph.Node.Where(node => names.Contains(node.OpType)))
            node.Domain = Domain;
    }

    private static void Refused(string id, string found, OnnxFile file)
    {
        var diagnostic = Assert.Throws<SubpException>(() => file.Import()).Diagnostic;
        Assert.Equal(id, diagnostic.Descriptor.Id);
        Assert.StartsWith(found, diagnostic.Found, StringComparison.Ordinal);
    }

    private static float[] Run(OnnxFile file, params float[] input)
    {
        var model = file.Import();
        var output = new float[model.Graph.ShapeOf(model.Graph.Outputs[0]).ElementCount];
        var values = new ReferenceInterpreter(model).RunAll(new Dictionary<string, float[]> { ["x"] = input });
        values[model.Graph.Outputs[0]].Select(value => (float)value).ToArray().CopyTo(output, 0);
        return output;
    }
}
