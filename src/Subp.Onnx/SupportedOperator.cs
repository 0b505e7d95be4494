namespace Subp.Onnx;

/// <summary>One ONNX operator that can be imported; docs/onnx-operators.md is the list of these.</summary>
/// <param name="Name">The ONNX operator, for example <c>Conv</c>.</param>
/// <param name="Becomes">The graph operators it becomes, by mnemonic, or a word for what happens to it.</param>
/// <param name="Limits">What is supported of it, in one sentence.</param>
public sealed record SupportedOperator(string Name, string Becomes, string Limits);
