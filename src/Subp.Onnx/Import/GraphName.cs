namespace Subp.Onnx.Import;

/// <summary>
/// The name of an imported network, which names the class it is compiled to. Exporters that do not know a name write one that is the same
/// for every network; the name of the file says more.
/// </summary>
internal static class GraphName
{
    private static readonly HashSet<string> Meaningless = new(StringComparer.OrdinalIgnoreCase)
    {
        // PyTorch: the exporters by tracing of 1.x, the first names of 2.x, and the exporter by graph capture.
        "torch-jit-export",
        "torch_jit",
        "main_graph",
        // TensorFlow and Keras.
        "tf2onnx",
        "keras2onnx",
        // PaddlePaddle, MXNet, CNTK.
        "Model from PaddlePaddle.",
        "PaddlePaddle Graph",
        "mxnet_converted_model",
        "CNTKGraph",
        // Optimisers and hand-written files.
        "graph",
        "main",
        "model",
        "onnx_graph",
        "onnx-graph",
    };

    /// <summary>The name that the file gives, or else the name of the file.</summary>
    public static string Of(string given, string fileName) => given.Trim().Length == 0 || Meaningless.Contains(given) ? fileName : given;
}
