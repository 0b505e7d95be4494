using System.Reflection;

namespace Subp.Tooling;

/// <summary>The version that compiled models name as their maker.</summary>
internal static class ToolVersion
{
    /// <summary>The version without the commit.</summary>
    public static string Current { get; } =
        typeof(ToolVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
