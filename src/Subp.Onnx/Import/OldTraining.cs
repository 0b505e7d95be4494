namespace Subp.Onnx.Import;

/// <summary>Before opset 7, nodes that act otherwise in training said by an attribute that they were used for inference.</summary>
internal static class OldTraining
{
    /// <summary>Looks at the attribute.</summary>
    /// <exception cref="Core.Diagnostics.SubpException">The node is one of training.</exception>
    public static void Refuse(NodeContext node)
    {
        if (node.Opset < OldBroadcast.NumpyOpset && !node.Attributes.Switch("is_test", false))
            throw node.Unsupported("is_test = 0, which is training mode", "is_test = 1", "Export the model in evaluation mode.");
    }
}
