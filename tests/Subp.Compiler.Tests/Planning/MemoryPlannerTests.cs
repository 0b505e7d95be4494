using Subp.Compiler.Planning;
using Xunit;

namespace Subp.Compiler.Tests.Planning;

public sealed class MemoryPlannerTests
{
    [Fact]
    public void Values_that_live_at_once_never_overlap()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var lives = Draw(seed);
            var (offsets, arena) = MemoryPlanner.Place(lives);
            AssertDisjoint(lives, offsets, arena);
            Assert.True(arena >= MemoryPlanner.LowerBound(lives));
        }
    }

    [Fact]
    public void The_arena_stays_near_the_lower_bound()
    {
        var waste = Enumerable
            .Range(0, 200)
            .Select(Draw)
            .Select(lives => (double)MemoryPlanner.Place(lives).ArenaLength / MemoryPlanner.LowerBound(lives))
            .ToArray();
        Assert.InRange(waste.Average(), 1.0, 1.03);
        Assert.InRange(waste.Max(), 1.0, 1.3);
    }

    [Fact]
    public void A_chain_takes_its_two_largest_neighbours()
    {
        MemoryPlanner.Lifetime[] chain = [new("a", 64, 0, 1), new("b", 160, 1, 2), new("c", 32, 2, 3), new("d", 96, 3, 4)];
        Assert.Equal(224, MemoryPlanner.Place(chain).ArenaLength);
        Assert.Equal(224, MemoryPlanner.LowerBound(chain));
    }

    [Fact]
    public void A_network_without_values_needs_no_arena()
    {
        Assert.Equal(0, MemoryPlanner.Place([]).ArenaLength);
        Assert.Equal(0, MemoryPlanner.LowerBound([]));
    }

    private static MemoryPlanner.Lifetime[] Draw(int seed)
    {
        var random = new Random(seed);
        return
        [
            .. Enumerable
                .Range(0, random.Next(1, 30))
                .Select(index =>
                {
                    var first = random.Next(20);
                    return new MemoryPlanner.Lifetime($"v{index}", 16 * random.Next(1, 100), first, first + random.Next(1, 6));
                }),
        ];
    }

    private static void AssertDisjoint(MemoryPlanner.Lifetime[] lives, IReadOnlyDictionary<string, int> offsets, int arena)
    {
        foreach (var (index, life) in lives.Index())
        {
            var start = offsets[life.Value];
            Assert.InRange(start, 0, arena - life.Length);
            Assert.Equal(0, start % 16);
            Assert.All(
                lives[..index].Where(other => other.First <= life.Last && life.First <= other.Last),
                other => Assert.True(offsets[other.Value] + other.Length <= start || start + life.Length <= offsets[other.Value])
            );
        }
    }
}
