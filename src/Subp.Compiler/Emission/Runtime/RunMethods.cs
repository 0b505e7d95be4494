using Subp.Compiler.Planning;

namespace Subp.Compiler.Emission.Runtime;

/// <summary>
/// Writes the methods by which a session runs: a span per input and output, and for networks with several of them a second form,
/// <see cref="RunByOrder"/>.
/// </summary>
internal static class RunMethods
{
    /// <summary>Writes the methods.</summary>
    public static void Write(CSharpWriter writer, ModelPlan plan)
    {
        WriteRun(writer, plan);
        WriteRunProfiled(writer, plan);
        if (!InterfaceText.IsSimple(plan))
            RunByOrder.Write(writer, InterfaceText.Ports(plan));
    }

    /// <summary>Writes the checks of what the caller brings.</summary>
    public static void WriteChecks(CSharpWriter writer, ModelPlan plan)
    {
        var ports = InterfaceText.Ports(plan);
        writer.Line($"private static void RequireSpans({Declarations(ports)})");
        using (writer.Block())
        {
            foreach (var port in ports)
            {
                var kind = port.IsInput ? "an input" : "an output";
                var text =
                    $"$\"Found {kind} of {{{port.Parameter}.Length}} {port.Elements}, expected {CSharpText.Number(port.Shape.ElementCount)}, the shape "
                    + $"{port.Shape}.\",";
                writer.Line($"if ({port.Parameter}.Length != {port.Shape.ElementCount})");
                using (writer.Indented())
                {
                    writer.Line("throw new System::ArgumentException(");
                    using (writer.Indented())
                    {
                        // The name stands beside the text of the input, below that of the output, as it always has.
                        if (port.IsInput)
                            writer.Line($"{text} \"{port.Parameter}\");");
                        else
                            writer.Line(text).Line($"\"{port.Parameter}\");");
                    }
                }
            }

            for (var later = 0; later < ports.Count; later++)
            {
                for (var earlier = 0; earlier < later; earlier++)
                {
                    if (ports[later].IsInput)
                        continue;
                    writer.Line(
                        $"if (System::MemoryExtensions.Overlaps({Comparable(ports[earlier], ports[later])}, {Comparable(ports[later], ports[earlier])}))"
                    );
                    using (writer.Indented())
                        writer.Line(
                            $"throw new System::ArgumentException(\"Found an output that overlaps the {(ports[earlier].IsInput ? "input" : "other output")}, expected separate memory.\", \"{ports[later].Parameter}\");"
                        );
                }
            }
        }

        writer.Line();
    }

    /// <summary>Writes the head of the execution, in which all memory of the caller is fixed.</summary>
    public static void WriteFixing(CSharpWriter writer, ModelPlan plan)
    {
        var ports = InterfaceText.Ports(plan);
        writer.Line($"private void Execute({Declarations(ports)}, bool profiled)").Line("{");
        foreach (var same in ports.GroupBy(port => port.Element))
            writer.Line($"    fixed ({same.Key}* {string.Join(", ", same.Select(port => $"{port.Local} = {port.Parameter}"))})");
        writer.Line("    {");
        foreach (var port in ports)
            writer.Line($"        {port.Field} = {port.Local};");
        writer.Line($"        int phases = profiled ? {plan.Layers.Count} : _work[0];");
    }

    /// <summary>Writes the statements after the execution: the caller's memory is no longer there.</summary>
    public static void WriteUnfixing(CSharpWriter writer, ModelPlan plan)
    {
        foreach (var port in InterfaceText.Ports(plan))
            writer.Line($"        {port.Field} = null;");
    }

    private static void WriteRun(CSharpWriter writer, ModelPlan plan)
    {
        var ports = InterfaceText.Ports(plan);
        var isSimple = InterfaceText.IsSimple(plan);
        writer.Line(
            $"/// <summary>{(isSimple ? "Computes the output of one input." : "Computes the outputs.")} Nothing is allocated.</summary>"
        );
        foreach (var port in ports)
            WriteParameter(writer, port, isSimple);
        WriteExceptions(writer);
        writer.Line(
            $$"""
            public void Run({{Declarations(ports)}})
            {
                RequireSpans({{Arguments(ports)}});
                Enter();
                try
                {
                    Execute({{Arguments(ports)}}, profiled: false);
                }
                finally
                {
                    Leave();
                }
            }

            """
        );
    }

    private static void WriteParameter(CSharpWriter writer, SessionPort port, bool isSimple)
    {
        var (shape, count) = (port.Shape, CSharpText.Number(port.Shape.ElementCount));
        var name = isSimple ? "" : $" '{CSharpText.Documentation(port.Name)}'";
        if (port.IsInput)
            writer.Line($"/// <param name=\"{port.Parameter}\">The input{name}, dense, of shape {shape}: {count} {port.Elements}.</param>");
        else
            writer
                .Line($"/// <param name=\"{port.Parameter}\">Receives the output{name}, dense, of shape {shape}: {count} {port.Elements}.")
                .Line($"/// Must not overlap {(isSimple ? "the input" : "any other")}.</param>");
    }

    private static void WriteExceptions(CSharpWriter writer) =>
        writer.Line(
            """
            /// <exception cref="System::ArgumentException">A length is wrong, or the spans overlap.</exception>
            /// <exception cref="System::ObjectDisposedException">The session was disposed.</exception>
            /// <exception cref="System::InvalidOperationException">The session is running already.</exception>
            """
        );

    private static void WriteRunProfiled(CSharpWriter writer, ModelPlan plan)
    {
        var ports = InterfaceText.Ports(plan);
        var isSimple = InterfaceText.IsSimple(plan);
        var subject = isSimple ? "the output of one input" : "the outputs";
        writer.Line($"/// <summary>Computes {subject} and the time of each layer, with a barrier behind every layer.</summary>");
        if (isSimple)
            writer.Line(
                """
                /// <param name="input">The input as in <see cref="Run"/>.</param>
                /// <param name="output">Receives the output as in <see cref="Run"/>.</param>
                """
            );
        else
            foreach (var port in ports)
                WriteParameter(writer, port, isSimple);
        writer.Line(
            $$"""
            /// <param name="microsecondsPerLayer">Receives the microseconds of each layer, in the order of <see cref="LayerNames"/>:
            /// {{plan.Layers.Count}} numbers.</param>
            """
        );
        WriteExceptions(writer);
        writer.Line(
            $$"""
            public void RunProfiled({{Declarations(ports)}}, System::Span<double> microsecondsPerLayer)
            {
                RequireSpans({{Arguments(ports)}});
                if (microsecondsPerLayer.Length != {{plan.Layers.Count}})
                    throw new System::ArgumentException(
                        $"Found room for {microsecondsPerLayer.Length} layers, expected {{plan.Layers.Count}}.", "microsecondsPerLayer");
                Enter();
                try
                {
                    long start = System::Diagnostics.Stopwatch.GetTimestamp();
                    Execute({{Arguments(ports)}}, profiled: true);
                    // A layer ends with the last of its parts, and the next one begins.
                    for (int layer = 0; layer < microsecondsPerLayer.Length; layer++)
                    {
                        long end = start;
                        for (int thread = 0; thread < Threads; thread++)
                            end = System::Math.Max(end, _layerEnds[layer * Threads + thread]);
                        microsecondsPerLayer[layer] = (end - start) * 1e6 / System::Diagnostics.Stopwatch.Frequency;
                        start = end;
                    }
                }
                finally
                {
                    Leave();
                }
            }

            """
        );
    }

    // Spans of the same elements, for their comparison.
    private static string Comparable(SessionPort port, SessionPort other) =>
        port.IsBytes || port.IsBytes == other.IsBytes ? port.Parameter : $"Interop::MemoryMarshal.AsBytes({port.Parameter})";

    private static string Declarations(IReadOnlyList<SessionPort> ports) => string.Join(", ", ports.Select(port => port.Declaration));

    private static string Arguments(IReadOnlyList<SessionPort> ports) => string.Join(", ", ports.Select(port => port.Parameter));
}
