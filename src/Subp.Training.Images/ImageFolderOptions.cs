namespace Subp.Training.Images;

/// <summary>How the images of a folder become inputs.</summary>
public sealed record ImageFolderOptions
{
    /// <summary>The height of the input.</summary>
    public int Height { get; init; } = 224;

    /// <summary>The width of the input.</summary>
    public int Width { get; init; } = 224;

    /// <summary>Validation: the length of the shorter side before the middle is cut out; at least height and width.</summary>
    public int ShorterSide { get; init; } = 256;

    /// <summary>The threads that decode.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;
}
