namespace Subp.Testing;

/// <summary>
/// How many of the generated cases of a slow test a run takes. A run of all tests takes a part of them, the same on every machine, so that
/// it ends within minutes; <c>eng/prove</c> takes all.
/// </summary>
public static class Thoroughness
{
    /// <summary>The environment variable by which all cases are taken where it is <c>1</c>.</summary>
    public const string Variable = "SUBP_PROVE";

    /// <summary>Whether all cases are taken.</summary>
    public static bool IsFull => Environment.GetEnvironmentVariable(Variable) == "1";

    /// <summary>One of so many cases, or all.</summary>
    /// <param name="cases">The cases, in an order that stays.</param>
    /// <param name="of">How many cases one stands for.</param>
    /// <param name="first">The position of the first that is taken, below <paramref name="of"/>.</param>
    public static IEnumerable<T> Sample<T>(this IEnumerable<T> cases, int of, int first = 0) =>
        IsFull ? cases : cases.Where((_, index) => index % of == first);
}
