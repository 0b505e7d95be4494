using System.Security.Cryptography;
using Subp.Packages.Tests.Setup;
using Xunit;

namespace Subp.Publishing.Tests;

[Collection(PackagesGroup.Name)]
[Trait("speed", "slow")]
public sealed class DeterminismTests(PackedPackages packages)
{
    [Fact]
    public void Packing_again_with_the_same_time_stamp_gives_the_same_bytes()
    {
        var again = packages.NewFolder("again");
        packages.Pack(again);
        foreach (var path in Directory.GetFiles(packages.Feed))
            Assert.True(Hash(path) == Hash(Path.Combine(again, Path.GetFileName(path))), Path.GetFileName(path));
    }

    private static string Hash(string path) => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)));
}
