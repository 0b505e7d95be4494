using Xunit;

namespace Subp.Packages.Tests.Setup;

/// <summary>Tests that share one set of packages. They run one after the other: each starts builds that use every processor.</summary>
[CollectionDefinition(Name)]
public sealed class PackagesGroup : ICollectionFixture<PackedPackages>
{
    /// <summary>The name of the group.</summary>
    public const string Name = "packages";
}
