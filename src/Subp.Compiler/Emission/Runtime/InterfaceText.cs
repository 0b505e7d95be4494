using Subp.Compiler.Planning;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Emission.Runtime;

/// <summary>How emitted code names the caller's inputs and outputs: a number follows where there are several.</summary>
internal static class InterfaceText
{
    /// <summary>The pointer to an input in a session.</summary>
    public static string Input(ModelPlan plan, int index) => "session." + Field("Input", plan.Graph.Inputs.Count, index);

    /// <summary>The pointer to an input in a session.</summary>
    public static string Input(ModelPlan plan, string name) =>
        Input(plan, plan.Graph.Inputs.Select(input => input.Name).ToList().IndexOf(name));

    /// <summary>The pointer to an output in a session.</summary>
    public static string Output(ModelPlan plan, int index) => "session." + Field("Output", plan.Graph.Outputs.Count, index);

    /// <summary>The pointer to an output in a session.</summary>
    public static string Output(ModelPlan plan, string name) => Output(plan, plan.Graph.Outputs.ToList().IndexOf(name));

    /// <summary>The name of a field: <c>Input</c>, or <c>Input1</c> where there are several.</summary>
    public static string Field(string stem, int count, int index) => count == 1 ? stem : Invariant($"{stem}{index}");
}
