using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Emission.Runtime;

/// <summary>
/// Writes the form of a session's methods that takes inputs and outputs by order, for programs that know their number only when they run.
/// Where some are bytes there are lists of these beside those of floats.
/// </summary>
internal static class RunByOrder
{
    /// <summary>Writes the methods.</summary>
    /// <param name="writer">Takes the text.</param>
    /// <param name="ports">The inputs, then the outputs.</param>
    public static void Write(CSharpWriter writer, IReadOnlyList<SessionPort> ports)
    {
        var hasBytes = ports.Any(port => port.IsBytes);
        OrderedPorts[] lists = hasBytes
            ?
            [
                new(ports, IsInput: true, IsBytes: false, "inputs"),
                new(ports, IsInput: true, IsBytes: true, "byteInputs"),
                new(ports, IsInput: false, IsBytes: false, "outputs"),
                new(ports, IsInput: false, IsBytes: true, "byteOutputs"),
            ]
            : [new(ports, IsInput: true, IsBytes: false, "inputs"), new(ports, IsInput: false, IsBytes: false, "outputs")];
        var parameters = string.Join(", ", lists.Select(list => list.Declaration));
        var arguments = string.Join(", ", ports.Select(port => lists.Single(list => list.Holds(port)).Place(port)));
        var condition = string.Join(" || ", lists.Select(list => Invariant($"{list.Name}.Length != {list.Count}")));
        foreach (
            var (name, parameter, argument) in new[]
            {
                ("Run", "", ""),
                ("RunProfiled", ", System::Span<double> microsecondsPerLayer", ", microsecondsPerLayer"),
            }
        )
            writer.Line(
                $$"""
                /// <summary>The same with the inputs and outputs by order, for programs that know their number only when they run{{(
                    hasBytes ? ": those\n/// of floats, and those of bytes" : ""
                )}}.</summary>
                public void {{name}}({{parameters}}{{parameter}})
                {
                    if ({{condition}})
                        throw new System::ArgumentException(
                            $"Found {{Found(hasBytes)}}, expected {{Expected(lists)}}.", "inputs");
                    {{name}}({{arguments}}{{argument}});
                }

                """
            );
    }

    private static string Found(bool hasBytes) =>
        hasBytes
            ? "{inputs.Length} inputs of floats and {byteInputs.Length} of bytes, {outputs.Length} outputs of floats and "
                + "{byteOutputs.Length} of bytes"
            : "{inputs.Length} inputs and {outputs.Length} outputs";

    private static string Expected(OrderedPorts[] lists) =>
        string.Join(", ", lists.Take(lists.Length - 1).Select(list => CSharpText.Number(list.Count)))
        + " and "
        + CSharpText.Number(lists[lists.Length - 1].Count);

    /// <summary>The ports of one direction and one type of elements, a parameter of the methods.</summary>
    private sealed record OrderedPorts(IReadOnlyList<SessionPort> Ports, bool IsInput, bool IsBytes, string Name)
    {
        private readonly string[] _fields = [.. Ports.Where(port => Holds(port, IsInput, IsBytes)).Select(port => port.Field)];

        public int Count => _fields.Length;

        public string Declaration =>
            (IsInput ? "System::ReadOnlySpan<System::ReadOnlyMemory<" : "System::ReadOnlySpan<System::Memory<")
            + (IsBytes ? "byte" : "float")
            + $">> {Name}";

        public bool Holds(SessionPort port) => Holds(port, IsInput, IsBytes);

        public string Place(SessionPort port) => Invariant($"{Name}[{Array.IndexOf(_fields, port.Field)}].Span");

        private static bool Holds(SessionPort port, bool isInput, bool isBytes) => port.IsInput == isInput && port.IsBytes == isBytes;
    }
}
