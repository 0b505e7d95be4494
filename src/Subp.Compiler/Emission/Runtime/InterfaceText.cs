using System.Text;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Emission.Runtime;

/// <summary>An input or output of the network as the emitted session has it.</summary>
/// <param name="IsInput">True for an input.</param>
/// <param name="Parameter">The parameter of <c>Run</c>.</param>
/// <param name="Field">The field of the session that points to it during a run.</param>
/// <param name="Local">The local that it is fixed by.</param>
/// <param name="Name">Its name in the network.</param>
/// <param name="Shape">Its shape.</param>
internal sealed record SessionPort(bool IsInput, string Parameter, string Field, string Local, string Name, TensorShape Shape)
{
    /// <summary>True where the elements are bytes.</summary>
    public bool IsBytes { get; init; }

    /// <summary>The type of an element.</summary>
    public string Element => IsBytes ? "byte" : "float";

    /// <summary>What elements are called: floats or bytes.</summary>
    public string Elements => Element + "s";

    /// <summary>Its type and name in a list of parameters.</summary>
    public string Declaration => $"System::{(IsInput ? "ReadOnlySpan" : "Span")}<{Element}> {Parameter}";
}

/// <summary>
/// How emitted code names the caller's inputs and outputs: simply so where there is one of a kind, after their names in the network where
/// there are several.
/// </summary>
internal static class InterfaceText
{
    /// <summary>The inputs, then the outputs.</summary>
    public static IReadOnlyList<SessionPort> Ports(ModelPlan plan)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal) { "microsecondsPerLayer", "inputs", "outputs", "profiled", "phases" };
        var ports = new List<SessionPort>();
        var (inputs, outputs) = (plan.Source.Inputs, plan.Source.Outputs);
        for (var index = 0; index < inputs.Count; index++)
            ports.Add(
                Port(true, inputs[index].Name, inputs[index].Shape, inputs.Count, index, taken) with
                {
                    IsBytes = inputs[index].Type.Quantization is not null,
                }
            );
        for (var index = 0; index < outputs.Count; index++)
            ports.Add(
                Port(false, outputs[index], plan.Source.ShapeOf(outputs[index]), outputs.Count, index, taken) with
                {
                    IsBytes = plan.Source.TypeOf(outputs[index]).Quantization is not null,
                }
            );
        return ports;
    }

    /// <summary>True for a network of one input and one output, whose emitted class needs no names of them.</summary>
    public static bool IsSimple(ModelPlan plan) => plan.Source.Inputs.Count == 1 && plan.Source.Outputs.Count == 1;

    /// <summary>The pointer to an input in a session.</summary>
    public static string Input(ModelPlan plan, int index) =>
        Pointer(plan.Graph.Inputs[index].Type) + "session." + Numbered("Input", plan.Graph.Inputs.Count, index);

    /// <summary>The pointer to an input in a session.</summary>
    public static string Input(ModelPlan plan, string name) =>
        Input(plan, plan.Graph.Inputs.Select(input => input.Name).ToList().IndexOf(name));

    /// <summary>The pointer to an output in a session.</summary>
    public static string Output(ModelPlan plan, int index) =>
        Pointer(plan.Graph.TypeOf(plan.Graph.Outputs[index])) + "session." + Numbered("Output", plan.Graph.Outputs.Count, index);

    /// <summary>The pointer to an output in a session.</summary>
    public static string Output(ModelPlan plan, string name) => Output(plan, plan.Graph.Outputs.ToList().IndexOf(name));

    // Kernels are handed pointers to floats, and those of bytes know better.
    private static string Pointer(TensorType type) => type.Quantization is null ? "" : "(float*)";

    private static SessionPort Port(bool isInput, string name, TensorShape shape, int count, int index, HashSet<string> taken)
    {
        var stem = isInput ? "input" : "output";
        var parameter = count == 1 ? stem : Identifier(name, Invariant($"{stem}{index}"));
        while (!taken.Add(parameter))
            parameter += "_";
        return new SessionPort(
            isInput,
            parameter,
            Numbered(isInput ? "Input" : "Output", count, index),
            Numbered(isInput ? "source" : "target", count, index),
            name,
            shape
        );
    }

    private static string Numbered(string stem, int count, int index) => count == 1 ? stem : Invariant($"{stem}{index}");

    /// <summary>The name of a parameter after a value; a letter in front where it would begin with a digit or be a word of C#.</summary>
    private static string Identifier(string name, string otherwise)
    {
        var pascal = Naming.Pascal(name);
        if (pascal.Length == 0)
            return otherwise;
        var text = new StringBuilder(pascal);
        text[0] = char.ToLowerInvariant(text[0]);
        if (char.IsDigit(text[0]))
            text.Insert(0, "value");
        var identifier = text.ToString();
        return CSharpNames.IsKeyword(identifier) ? identifier + "_" : identifier;
    }
}
