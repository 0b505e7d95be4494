using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Planning;

/// <summary>
/// How far an infinity or a NaN reaches in a kernel. By its definition a convolution carries it to the outputs whose taps read it. Kernels
/// in the Winograd domain transform whole tiles, in which infinity minus infinity is NaN, so it reaches all pixels of a tile that reads it.
/// Grouped convolutions whose groups do not fill whole blocks of output channels multiply the channels of their neighbours with zeros, and
/// zero times infinity is NaN.
/// </summary>
public static class ValueSpread
{
    /// <summary>True where the kernel of a layer may carry an infinity or a NaN further than the definition says.</summary>
    public static bool MayHappen(LayerPlan layer) => layer.OfFamily.Mixing is not null;

    /// <summary>
    /// The outputs that infinities and NaN among the inputs can reach: more than the definition says where <see cref="MayHappen"/>.
    /// </summary>
    /// <param name="layer">A convolution for which <see cref="MayHappen"/>.</param>
    /// <param name="isSpecial">The inputs that are infinite or NaN, NCHW.</param>
    /// <returns>True for each output, NCHW, that is reached.</returns>
    /// <exception cref="ArgumentException">The layer spreads nothing.</exception>
    public static bool[] Reached(LayerPlan layer, bool[] isSpecial)
    {
        var mixing = layer.OfFamily.Mixing ?? throw new ArgumentException($"'{layer.Node.Name}' spreads nothing.");
        if (mixing.Pooled is not { } pooled)
            return Convolved(mixing, isSpecial, layer.Inputs[0]!.Shape, layer.Output!.Shape);
        return Pooled(Convolved(mixing, isSpecial, layer.Inputs[0]!.Shape, pooled.Shape), pooled.Shape, pooled.Window, layer.Output!.Shape);
    }

    private static bool[] Convolved(ValueMixing mixing, bool[] isSpecial, TensorShape input, TensorShape output)
    {
        var (window, pattern, tile) = mixing;
        var reached = new bool[output.ElementCount];
        var plane = new bool[input.Height * input.Width];
        for (var image = 0; image < output.Batch; image++)
        {
            for (var group = 0; group < pattern.Groups; group++)
            {
                Array.Clear(plane, 0, plane.Length);
                // The phases of a channel carry what is in it, whichever pixel holds it.
                var phases = pattern.InputChannels / input.Channels;
                foreach (var channel in pattern.Kept(group).Select(kept => kept / phases).Distinct())
                {
                    var first = ((image * input.Channels) + channel) * plane.Length;
                    for (var pixel = 0; pixel < plane.Length; pixel++)
                        plane[pixel] |= isSpecial[first + pixel];
                }

                var channels = Math.Min(output.Channels, (group + 1) * pattern.BlockLength);
                for (var row = 0; row < output.Height; row++)
                {
                    for (var column = 0; column < output.Width; column++)
                    {
                        if (!Reads(plane, input.Height, input.Width, window, tile, row, column))
                            continue;
                        for (var channel = group * pattern.BlockLength; channel < channels; channel++)
                            reached[(((((image * output.Channels) + channel) * output.Height) + row) * output.Width) + column] = true;
                    }
                }
            }
        }

        return reached;
    }

    private static bool[] Pooled(bool[] reached, TensorShape input, Window window, TensorShape output)
    {
        var result = new bool[output.ElementCount];
        var plane = new bool[input.Height * input.Width];
        for (var channel = 0; channel < output.Batch * output.Channels; channel++)
        {
            Array.Copy(reached, channel * plane.Length, plane, 0, plane.Length);
            for (var row = 0; row < output.Height; row++)
            {
                for (var column = 0; column < output.Width; column++)
                    result[(((channel * output.Height) + row) * output.Width) + column] = Reads(
                        plane,
                        input.Height,
                        input.Width,
                        window,
                        1,
                        row,
                        column
                    );
            }
        }

        return result;
    }

    // What the kernel reads for one output: its taps, or all taps of the tile it belongs to.
    private static bool Reads(bool[] plane, int height, int width, Window window, int tile, int row, int column)
    {
        var (top, left) = (row / tile * tile * window.Stride.Height, column / tile * tile * window.Stride.Width);
        for (var u = 0; u < window.Kernel.Height + ((tile - 1) * window.Stride.Height); u++)
        {
            var y = top - window.Padding.Top + (u * window.Dilation.Height);
            for (var v = 0; v < window.Kernel.Width + ((tile - 1) * window.Stride.Width); v++)
            {
                var x = left - window.Padding.Left + (v * window.Dilation.Width);
                if (y >= 0 && y < height && x >= 0 && x < width && plane[(y * width) + x])
                    return true;
            }
        }

        return false;
    }
}
