using Subp.Core.Graphs;

namespace Subp.Core.Weights;

/// <summary>Where the values of each output channel of a weight lie in stored order.</summary>
internal static class Filters
{
    /// <summary>One output channel.</summary>
    /// <param name="Output">Its number.</param>
    /// <param name="Start">The place of its first value.</param>
    /// <param name="Step">From one value to the next.</param>
    /// <param name="Count">How many it has.</param>
    public readonly record struct Filter(int Output, int Start, int Step, int Count)
    {
        /// <summary>The place of one of its values.</summary>
        public int At(int value) => Start + (value * Step);
    }

    /// <summary>The output channels of a weight, ascending; of a block-sparse one with their kept values.</summary>
    public static IEnumerable<Filter> Of(Parameter parameter)
    {
        var outputs = parameter.Shape[0];
        var width = parameter.Shape.ElementCount / outputs;
        if (parameter.Pattern is not { } pattern)
        {
            for (var output = 0; output < outputs; output++)
                yield return new Filter(output, output * width, 1, width);
            yield break;
        }

        var (taps, lanes, start) = (width / pattern.InputChannels, pattern.BlockLength, 0);
        for (var group = 0; group < pattern.Groups; group++)
        {
            var count = pattern.Kept(group).Count * taps;
            for (var lane = 0; lane < lanes; lane++)
                yield return new Filter((group * lanes) + lane, start + lane, lanes, count);
            start += count * lanes;
        }
    }
}
