namespace Subp.Cli.Tests.RealNetworks;

/// <summary>Trained networks of public packages, which <c>eng/get-real-networks</c> fetches and nothing commits.</summary>
internal static class RealNetworkFiles
{
    /// <summary>The path of a file, or null where it is not there.</summary>
    public static string? Find(string name) =>
        Environment.GetEnvironmentVariable("SUBP_REAL_NETWORKS") is { Length: > 0 } folder && File.Exists(Path.Combine(folder, name))
            ? Path.Combine(folder, name)
            : null;

    /// <summary>Why a test is skipped, or null where the file is there.</summary>
    public static string? Missing(string name) =>
        Find(name) is null ? $"SUBP_REAL_NETWORKS names no folder with {name}; eng/get-real-networks fetches it." : null;
}

/// <summary>A test that needs a trained network of a public package.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FactWithRealNetworkAttribute : FactAttribute
{
    public FactWithRealNetworkAttribute(string file)
    {
        Skip = RealNetworkFiles.Missing(file);
    }
}

/// <summary>A row of a theory that needs a trained network of a public package: the file and the options that its open dimensions
/// need.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class RealNetworkAttribute : Xunit.Sdk.DataAttribute
{
    private readonly object[] _row;

    public RealNetworkAttribute(string file, params string[] dimensions)
    {
        _row = [file, dimensions];
        Skip = RealNetworkFiles.Missing(file);
    }

    public override IEnumerable<object[]> GetData(System.Reflection.MethodInfo testMethod) => [_row];
}
