using System.Globalization;
using Subp.Testing;
using Subp.Training.Distributed;
using Subp.Training.Distributed.Mpi;

namespace Subp.Training.Tests.Distributed;

public sealed class MpiTests
{
    [FactWithMpi]
    public void Sums_broadcasts_and_pending_sums_go_through_MPI()
    {
        var result = Run(3, Collectives);

        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        Assert.Equal(3, result.Output.Split('\n').Count(line => line.EndsWith("ok", StringComparison.Ordinal)));
    }

    [FactWithMpi]
    public void A_rank_that_fails_ends_all_of_them()
    {
        var result = Run(2, OneFails);

        Assert.NotEqual(0, result.ExitCode);
        Assert.DoesNotContain("survived", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("OMPI_COMM_WORLD_SIZE")]
    [InlineData("PMI_SIZE")]
    [InlineData("PMIX_RANK")]
    public void A_launcher_is_known_by_its_variables(string variable)
    {
        Assert.True(MpiLaunch.IsPresent(name => name == variable ? "1" : null));
        Assert.False(MpiLaunch.IsPresent(_ => null));
    }

    [Fact]
    public void The_library_of_the_launcher_s_family_is_looked_for()
    {
        Assert.Equal("libmpi.so.40", MpiLibrary.Candidates(name => name == "OMPI_COMM_WORLD_SIZE" ? "2" : null)[0]);
        Assert.DoesNotContain("libmpi.so.40", MpiLibrary.Candidates(name => name == "PMI_SIZE" ? "2" : null));
    }

    [Fact]
    public void A_launcher_without_a_library_is_answered_with_SUBP0542() =>
        ChildProcess.Check(WithoutLibrary, "OMPI_COMM_WORLD_SIZE=2", "SUBP_MPI_LIBRARY=no-such-library.so");

    internal static ChildResult Run(int ranks, Action<string> test, string argument = "") =>
        ChildProcess.RunUnder(
            ["mpirun", "-n", ranks.ToString(CultureInfo.InvariantCulture)],
            test,
            argument,
            FactWithMpiAttribute.Environment
        );

    private static void WithoutLibrary()
    {
        var failure = Assert.Throws<Core.Diagnostics.SubpException>(() => MpiLaunch.Join());
        Assert.Equal("SUBP0542", failure.Diagnostic.Descriptor.Id);
        Assert.Contains("no-such-library.so", failure.Diagnostic.Found, StringComparison.Ordinal);
    }

    private static void Collectives(string argument)
    {
        using var group = MpiLaunch.Join();
        Assert.Equal(3, group.Size);

        Span<double> sums = [group.Rank, 1];
        group.Sum(sums);
        Assert.Equal([3, 3], sums.ToArray());

        byte[] bytes = group.Rank == 0 ? [7, 8] : [0, 0];
        group.Broadcast(bytes);
        Assert.Equal([7, 8], bytes);
        Assert.Equal([1, 2, 3, 4], group.Share(group.Rank == 0 ? [1, 2, 3, 4] : null));

        var pinned = GC.AllocateUninitializedArray<float>(100_000, pinned: true);
        var other = GC.AllocateUninitializedArray<float>(3, pinned: true);
        pinned.AsSpan().Fill(group.Rank + 0.5f);
        other.AsSpan().Fill(1);
        var (first, second) = (group.BeginSum(pinned), group.BeginSum(other));
        first.Advance();
        second.Wait();
        first.Wait();
        Assert.All(pinned, value => Assert.Equal(4.5f, value));
        Assert.All(other, value => Assert.Equal(3f, value));
        Console.WriteLine($"{group.Rank} {group.Description} ok");
    }

    private static void OneFails(string argument)
    {
        var group = MpiLaunch.Join();
        if (group.Rank == 1)
            group.Abort(3);
        Span<double> sums = [1];
        group.Sum(sums);
        Console.WriteLine("survived");
    }
}
