using Subp.Core.Graphs;

namespace Subp.Core.Text;

/// <summary>The words for layouts in .subp text; NCHW has none because it goes without saying.</summary>
internal static class LayoutText
{
    public static string Write(Layout layout) =>
        layout switch
        {
            Layout.Planar => "@planar",
            Layout.Blocked16 => "@blocked16",
            Layout.Dense => "@dense",
            Layout.ChannelsLast => "@channels_last",
            Layout.Stripes16 => "@stripes16",
            _ => throw new ArgumentOutOfRangeException(nameof(layout)),
        };

    public static Layout? Read(string word) =>
        word switch
        {
            "planar" => Layout.Planar,
            "blocked16" => Layout.Blocked16,
            "dense" => Layout.Dense,
            "channels_last" => Layout.ChannelsLast,
            "stripes16" => Layout.Stripes16,
            _ => null,
        };
}
