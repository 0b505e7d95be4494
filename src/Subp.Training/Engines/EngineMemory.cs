using Subp.Core.Diagnostics;

namespace Subp.Training.Engines;

/// <summary>How an engine says that network and batch do not fit into memory.</summary>
public static class EngineMemory
{
    /// <summary>The diagnostic, with what the user can change: the network and the batch.</summary>
    /// <param name="request">What the engine was built from.</param>
    /// <param name="where">Whose memory is exhausted.</param>
    public static SubpException Exhausted(EngineRequest request, string where)
    {
        var shape = request.Graph.Inputs[0].Shape;
        return new SubpException(
            DiagnosticDescriptors.TrainingOutOfMemory,
            FormattableString.Invariant(
                $"network '{request.Graph.Name}', batch of {request.BatchCapacity} images of {shape.Channels} x {shape.Height} x "
            ) + FormattableString.Invariant($"{shape.Width}"),
            $"more memory needed than {where} has",
            "a step that fits into memory",
            "Take a smaller batch (batchSize in the recipe, --batch-size on the command line) or a smaller network."
        );
    }
}
