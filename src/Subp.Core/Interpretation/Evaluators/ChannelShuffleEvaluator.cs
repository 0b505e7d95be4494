using Subp.Core.Operators;

namespace Subp.Core.Interpretation.Evaluators;

/// <summary>Channel i * groups + g of the result is channel g * (channels / groups) + i of the input.</summary>
internal static class ChannelShuffleEvaluator
{
    public static void Evaluate(ChannelShuffle shuffle, Arguments arguments)
    {
        var shape = arguments.OutputShape;
        var planes = shape.Batch * shape.Channels;
        var plane = arguments.Output.Length / planes;
        var perGroup = shape.Channels / shuffle.Groups;
        for (var target = 0; target < planes; target++)
        {
            var (image, channel) = (target / shape.Channels, target % shape.Channels);
            var source = (image * shape.Channels) + (channel % shuffle.Groups * perGroup) + (channel / shuffle.Groups);
            Array.Copy(arguments.Input(), source * plane, arguments.Output, target * plane, plane);
        }
    }
}
