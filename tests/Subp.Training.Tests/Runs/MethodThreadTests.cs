namespace Subp.Training.Tests.Runs;

/// <summary>The embedded engine promises the same bits with any number of threads, whatever prunes.</summary>
public sealed class MethodThreadTests : TrainerConformance
{
    protected override Training.Engines.ITrainingEngineProvider Provider => Training.Engines.Embedded.EmbeddedProvider.Instance;

    [Theory]
    [MemberData(nameof(Methods))]
    public void Every_method_gives_the_same_bits_with_any_number_of_threads(string method)
    {
        var (recipe, teacher) = Of(method);
        var one = Train(recipe, "one", teacher: teacher, threads: 1);
        var three = Train(recipe, "three", teacher: teacher, threads: 3);
        foreach (string name in one.Model.Weights.Names)
            Assert.Equal(one.Model.Weights[name].Values, three.Model.Weights[name].Values);
    }
}
