namespace Subp.Tooling.Inputs;

/// <summary>How many images the output of a network is about.</summary>
internal static class ImageBatch
{
    /// <summary>
    /// The batch where every image of it has outputs of its own, else 1: a network may put the images of a batch together.
    /// </summary>
    /// <param name="batch">Images in an input.</param>
    /// <param name="outputLength">How many numbers the output has.</param>
    public static int Of(int batch, int outputLength) => outputLength % batch == 0 ? batch : 1;
}
