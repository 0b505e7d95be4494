using Subp.Compiler.Planning;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Emission.Runtime;

/// <summary>Writes what the emitted class says of its inputs and outputs: names, shapes, lengths.</summary>
internal static class PortFacts
{
    /// <summary>What goes in and comes out, in a sentence.</summary>
    public static string Sentence(ModelPlan plan)
    {
        if (InterfaceText.IsSimple(plan))
            return $"an input of shape {plan.InputShape} gives an output of shape {plan.OutputShape}";
        var ports = InterfaceText.Ports(plan);
        string List(bool isInput) =>
            string.Join(
                " and ",
                ports.Where(port => port.IsInput == isInput).Select(port => $"{CSharpText.Documentation(port.Name)} {port.Shape}")
            );
        return $"{List(true)} gives {List(false)}";
    }

    /// <summary>Writes the members.</summary>
    public static void Write(CSharpWriter writer, ModelPlan plan)
    {
        var ports = InterfaceText.Ports(plan);
        SessionPort[] inputs = [.. ports.Where(port => port.IsInput)];
        SessionPort[] outputs = [.. ports.Where(port => !port.IsInput)];
        if (InterfaceText.IsSimple(plan))
        {
            WriteName(writer, "Input", inputs[0]);
            WriteName(writer, "Output", outputs[0]);
            writer.Line();
            WriteShape(writer, "Input", inputs[0], ": images are [batch, channels, height, width]");
            writer.Line();
            WriteShape(writer, "Output", outputs[0], "");
            writer.Line();
            WriteLength(writer, "Input", inputs[0]);
            writer.Line();
            WriteLength(writer, "Output", outputs[0]);
        }
        else
        {
            WriteMany(writer, "Input", inputs);
            writer.Line();
            WriteMany(writer, "Output", outputs);
        }

        writer.Line();
    }

    private static void WriteName(CSharpWriter writer, string stem, SessionPort port)
    {
        if (!port.IsInput)
            writer.Line();
        writer.Line(
            $"""
            /// <summary>The name of the {stem.ToLowerInvariant()}.</summary>
            public static string {stem}Name => {CSharpText.Literal(port.Name)};
            """
        );
    }

    private static void WriteShape(CSharpWriter writer, string stem, SessionPort port, string note) =>
        writer.Line(
            $$"""
            /// <summary>The shape of the {{stem.ToLowerInvariant()}}, outermost dimension first{{note}}.</summary>
            public static System::ReadOnlySpan<int> {{stem}}Shape => new int[] { {{CSharpText.Numbers(port.Shape.Dimensions)}} };
            """
        );

    private static void WriteLength(CSharpWriter writer, string stem, SessionPort port) =>
        writer.Line(
            $"""
            /// <summary>The number of {port.Elements} of the {stem.ToLowerInvariant()}.</summary>
            public static int {stem}Length => {port.Shape.ElementCount};
            """
        );

    private static void WriteMany(CSharpWriter writer, string stem, SessionPort[] ports)
    {
        var word = stem.ToLowerInvariant();
        writer.Line(
            $$"""
            /// <summary>The names of the {{word}}s in their order, which is that of the parameters of <see cref="Session"/>.</summary>
            public static System::Collections.Generic.IReadOnlyList<string> {{stem}}Names { get; } =
                System::Array.AsReadOnly(new[] { {{string.Join(", ", ports.Select(port => CSharpText.Literal(port.Name)))}} });

            /// <summary>The shapes of the {{word}}s, outermost dimension first; their products are the numbers of floats.</summary>
            public static System::Collections.Generic.IReadOnlyList<int[]> {{stem}}Shapes =>
                new int[][] { {{string.Join(", ", ports.Select(port => Dimensions(port)))}} };
            """
        );
    }

    private static string Dimensions(SessionPort port) =>
        port.Shape.Rank == 0 ? "System::Array.Empty<int>()" : Invariant($"new int[] {{ {CSharpText.Numbers(port.Shape.Dimensions)} }}");
}
