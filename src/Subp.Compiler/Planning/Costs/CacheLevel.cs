namespace Subp.Compiler.Planning.Costs;

/// <summary>Where data lies when it is read again.</summary>
public enum CacheLevel
{
    /// <summary>The first-level cache: its loads are part of the instructions that use them.</summary>
    First,

    /// <summary>The second-level cache.</summary>
    Second,

    /// <summary>Beyond the caches of the core.</summary>
    Far,
}
