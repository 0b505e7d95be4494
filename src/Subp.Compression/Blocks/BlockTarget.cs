namespace Subp.Compression.Blocks;

/// <summary>A layer that loses blocks.</summary>
/// <param name="Layer">The name of a convolution without channel groups, or of a linear layer.</param>
/// <param name="BlockLength">N; it divides the output channels.</param>
/// <param name="Removed">How many input channels every group of N outputs loses, at least one and not all.</param>
public sealed record BlockTarget(string Layer, int BlockLength, int Removed);
