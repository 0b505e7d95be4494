namespace Subp.Onnx.Import;

/// <summary>
/// Turns nodes of one ONNX operator into nodes of the graph. To support another operator: write a converter in Import/Operators, add it to
/// <see cref="OperatorTable"/>, add its line to docs/onnx-operators.md.
/// </summary>
internal abstract class OperatorConverter
{
    /// <summary>The line of the documentation: name, result and limits.</summary>
    public abstract SupportedOperator Description { get; }

    /// <summary>Converts one node: reads its inputs and attributes, adds to the graph, says what its output stands for.</summary>
    /// <exception cref="Core.Diagnostics.SubpException">The node is not valid, or uses the operator in a way that is not
    /// supported.</exception>
    public abstract void Convert(NodeContext node);
}
