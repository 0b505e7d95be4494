using Subp.Packages.Tests.Setup;
using Xunit;

namespace Subp.Packages.Tests;

[Collection(PackagesGroup.Name)]
[Trait("speed", "slow")]
public sealed class ToolTests(PackedPackages packages)
{
    [Fact]
    public void The_tool_installs_from_its_package_and_compiles_a_network()
    {
        var folder = packages.NewFolder("tool");
        Dotnet.Run(folder, packages.Cache, "tool", "install", "Subp.Cli", "--version", PackedPackages.Version, "--tool-path", "bin");
        var subp = Path.Combine(folder, "bin", OperatingSystem.IsWindows() ? "subp.exe" : "subp");

        Assert.StartsWith(
            $"subp {PackedPackages.Version}\n",
            Dotnet.RunProgram(folder, packages.Cache, subp, "--version"),
            StringComparison.Ordinal
        );
        var model = Path.Combine(PackedPackages.Repository, "generated-samples", "models", "fashion.subp");
        Dotnet.RunProgram(folder, packages.Cache, subp, "compile", model, "--isa", "avx2", "--threads", "1", "-o", "out");
        // The images that travel with the tool: no --data-dir.
        Assert.Contains(
            " % of 100 images",
            Dotnet.RunProgram(folder, packages.Cache, subp, "eval", Path.Combine("out", "FashionResnet8.dll"), "--images", "100"),
            StringComparison.Ordinal
        );
    }
}
