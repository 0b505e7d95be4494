using Subp.Core.Graphs;

namespace Subp.Onnx.Import;

/// <summary>What the name of an ONNX value stands for while importing.</summary>
internal abstract record ImportedValue;

/// <summary>A value that the network computes.</summary>
/// <param name="Name">Its name in the graph; several ONNX names may stand for one graph value.</param>
/// <param name="Shape">Its shape.</param>
internal sealed record GraphValue(string Name, TensorShape Shape) : ImportedValue;

/// <summary>A value known at import.</summary>
/// <param name="Tensor">The constant.</param>
internal sealed record ConstantValue(ConstantTensor Tensor) : ImportedValue;
