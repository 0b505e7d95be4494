using Subp.Compiler.Planning;
using Subp.Core.Interpretation;
using Subp.Roslyn;

namespace Subp.Tooling.Verification;

/// <summary>What a run of a session computed, value by value.</summary>
internal static class SessionValues
{
    /// <summary>The values that a session shows: its inputs, its outputs, and what its arena still holds.</summary>
    /// <param name="plan">The plan of the network, which keeps values.</param>
    public static IEnumerable<string> Names(ModelPlan plan) =>
        [.. plan.Buffers.Select(buffer => buffer.Value), .. plan.Graph.Inputs.Select(input => input.Name), .. plan.Graph.Outputs];

    /// <summary>Runs a session and reads them.</summary>
    /// <param name="plan">The plan of the network, which keeps values.</param>
    /// <param name="session">The session.</param>
    /// <param name="input">The elements of all inputs.</param>
    public static Dictionary<string, float[]> Of(ModelPlan plan, ILoadedSession session, float[] input)
    {
        var output = new float[plan.OutputShape.ElementCount];
        session.Run(input, output);
        var values = JoinedInputs.Split(plan.Graph.Inputs, input);
        foreach (var buffer in plan.Buffers)
            values[buffer.Value] = ArenaReader.Read(session, buffer);
        var start = 0;
        foreach (var name in plan.Graph.Outputs)
        {
            var length = plan.Graph.ShapeOf(name).ElementCount;
            values[name] = output.AsSpan(start, length).ToArray();
            start += length;
        }

        return values;
    }
}
