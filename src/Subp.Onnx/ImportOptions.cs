namespace Subp.Onnx;

/// <summary>What an ONNX file leaves open and the caller decides.</summary>
public sealed record ImportOptions
{
    /// <summary>
    /// The extent of the first dimension of an input where the file leaves it open and <see cref="Dimensions"/> does not name it. A number
    /// in the file stays as it is.
    /// </summary>
    public int Batch { get; init; } = 1;

    /// <summary>
    /// Extents of open dimensions, by name as in <c>["height"] = 224</c> or by input and index as in <c>["image:2"] = 224</c>. A name that
    /// the model does not use is an error, unless <see cref="LeavesOthersOut"/> is set.
    /// </summary>
    public IReadOnlyDictionary<string, int> Dimensions { get; init; } = new Dictionary<string, int>(StringComparer.Ordinal);

    /// <summary>
    /// Whether names of dimensions that a model does not use are left out: where the same options are for several models.
    /// </summary>
    public bool LeavesOthersOut { get; init; }

    /// <summary>
    /// The values that the network returns, instead of the outputs of the file: any values that a node computes, for a network that is cut
    /// in front of what cannot be imported. Empty for the outputs of the file.
    /// </summary>
    public IReadOnlyList<string> Outputs { get; init; } = [];

    /// <summary>
    /// Opens a file with external weights by the location the model gives, a relative path with forward slashes that stays below the folder
    /// of the model; answers null where there is none. The stream must be seekable and is disposed by the importer. Null where the model
    /// must be one file.
    /// </summary>
    public Func<string, Stream?>? OpenExternalData { get; init; }
}
