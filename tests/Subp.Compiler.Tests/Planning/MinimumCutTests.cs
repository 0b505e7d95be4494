using Subp.Compiler.Planning;
using Xunit;

namespace Subp.Compiler.Tests.Planning;

/// <summary>The division of a network in two, against all divisions there are.</summary>
public sealed class MinimumCutTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void It_is_the_cheapest_of_all_divisions(int seed)
    {
        const int Vertices = 9;
        var random = new Random(seed);
        for (var trial = 0; trial < 40; trial++)
        {
            var cut = new MinimumCut(Vertices);
            var edges = new List<(int From, int To, long Capacity)>();
            for (var edge = 0; edge < 24; edge++)
                edges.Add((random.Next(Vertices), random.Next(Vertices), random.Next(1, 20)));
            foreach (var (from, to, capacity) in edges)
                cut.Add(from, to, capacity);

            long Cost(Func<int, bool> isFirst) => edges.Where(edge => isFirst(edge.From) && !isFirst(edge.To)).Sum(edge => edge.Capacity);
            var found = cut.FirstSide();
            Assert.True(found[MinimumCut.Source]);
            Assert.False(found[MinimumCut.Sink]);
            var all = Enumerable
                .Range(0, 1 << Vertices)
                .Where(set => (set & (1 << MinimumCut.Source)) != 0 && (set & (1 << MinimumCut.Sink)) == 0)
                .Select(set => (Cost: Cost(vertex => (set & (1 << vertex)) != 0), Size: int.PopCount(set)))
                .ToArray();
            var least = all.Min(division => division.Cost);
            Assert.Equal(least, Cost(vertex => found[vertex]));
            Assert.Equal(all.Where(division => division.Cost == least).Max(division => division.Size), found.Count(isFirst => isFirst));
        }
    }
}
