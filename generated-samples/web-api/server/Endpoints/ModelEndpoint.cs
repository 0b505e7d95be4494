using WebApi.Intake;
using WebApi.Options;

namespace WebApi.Endpoints;

/// <summary>What GET /model tells about the network.</summary>
/// <param name="Name">The name of the network.</param>
/// <param name="StructureHash">The sha256 of its structure.</param>
/// <param name="InputShape">[batch, channels, height, width].</param>
/// <param name="OutputShape">[batch, classes].</param>
/// <param name="Classes">The names of the classes in the order of the probabilities.</param>
/// <param name="Sparsity">The share of pruned weights.</param>
/// <param name="CompileOptions">The options it was compiled with.</param>
/// <param name="InstructionSet">The instruction set in use.</param>
/// <param name="Workers">The sessions that compute at the same time.</param>
/// <param name="ThreadsPerSession">The threads of each.</param>
/// <param name="ArenaBytes">The scratch memory of each.</param>
public sealed record ModelDescription(
    string Name,
    string StructureHash,
    int[] InputShape,
    int[] OutputShape,
    IReadOnlyList<string> Classes,
    double Sparsity,
    string CompileOptions,
    string InstructionSet,
    int Workers,
    int ThreadsPerSession,
    long ArenaBytes
);

/// <summary>GET /model: the metadata that the compiled network carries.</summary>
public static class ModelEndpoint
{
    /// <summary>Answers with a <see cref="ModelDescription"/>.</summary>
    public static IResult Describe(ServingOptions options) =>
        Results.Json(
            new ModelDescription(
                Fashion.ModelName,
                Fashion.StructureHash,
                Fashion.InputShape.ToArray(),
                Fashion.OutputShape.ToArray(),
                Fashion.ClassNames,
                Fashion.Sparsity,
                Fashion.CompileOptions,
                Fashion.BestInstructionSet.ToString(),
                options.EffectiveWorkers,
                options.ThreadsPerSession,
                Fashion.ArenaBytes
            ),
            JsonShapes.Default.ModelDescription
        );
}
