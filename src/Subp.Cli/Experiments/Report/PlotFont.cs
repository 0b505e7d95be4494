using System.Runtime.InteropServices;

namespace Subp.Cli.Experiments.Report;

/// <summary>
/// The font of pictures. The drawing library is used without the system's font service on Linux, since that is a native library more; it
/// then knows no font by itself and would leave all text out.
/// </summary>
internal static class PlotFont
{
    private const string Folder = "/usr/share/fonts";
    private static readonly string[] s_names =
    [
        "DejaVuSans.ttf",
        "LiberationSans-Regular.ttf",
        "NotoSans-Regular.ttf",
        "OpenSans-Regular.ttf",
        "Roboto-Regular.ttf",
        "FreeSans.ttf",
        "Ubuntu-R.ttf",
    ];

    /// <summary>The name of a font that pictures can be written with; null where there is none.</summary>
    public static string? Find()
    {
        if (!RuntimeInformation.IsOSPlatform(OSPlatform.Linux))
            return ScottPlot.Fonts.Default;
        if (!Directory.Exists(Folder))
            return null;
        var files = Directory
            .EnumerateFiles(Folder, "*.ttf", SearchOption.AllDirectories)
            .ToLookup(path => Path.GetFileName(path), StringComparer.OrdinalIgnoreCase);
        var name = s_names.FirstOrDefault(files.Contains);
        if (name is null)
            return null;
        var font = Path.GetFileNameWithoutExtension(name);
        ScottPlot.Fonts.AddFontFile(font, files[name].First());
        return font;
    }
}
