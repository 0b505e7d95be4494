using Subp.Core.Operators;

namespace Subp.Compression.Statistics;

/// <summary>What an activation leaves of normally distributed channels.</summary>
internal static class ActivationMoments
{
    /// <summary>The moments behind an activation.</summary>
    public static ChannelMoments Apply(ChannelMoments before, Activation activation)
    {
        if (activation.IsClamp)
            return RectifiedNormal.Clamp(before, activation.Minimum, activation.Maximum);
        if (activation.Kind != ActivationKind.HardSigmoid)
            return SmoothNormal.Apply(before, activation.Apply);

        // A hard sigmoid is a clamp of a straight line, and clamps have an exact form.
        var line = before with
        {
            Mean = [.. before.Mean.Select(mean => (activation.Alpha * mean) + activation.Beta)],
            Covariance = new(
                before.Channels,
                before.Channels,
                [.. before.Covariance.Values.Select(value => value * activation.Alpha * activation.Alpha)]
            ),
        };
        return RectifiedNormal.Clamp(line, 0, 1);
    }
}
