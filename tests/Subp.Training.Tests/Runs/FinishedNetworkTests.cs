using Subp.Core.Graphs;
using Subp.Core.Weights;
using Subp.Training.Data;
using Subp.Training.Engines;
using Subp.Training.Engines.Embedded;
using Subp.Training.Recipes;
using Subp.Training.Runs;
using Subp.Training.Sparsification;

namespace Subp.Training.Tests.Runs;

/// <summary>
/// The network that a training ends with is the one that its last evaluation saw: what was masked in the engine is what is missing in the
/// graph, whatever the method.
/// </summary>
public sealed class FinishedNetworkTests
{
    private static readonly TrainingRecipe s_recipe = new()
    {
        Epochs = 2,
        BatchSize = 32,
        LearningRate = 0.05,
        Schedule = ScheduleShape.Linear,
        ScheduleStart = 0,
        ScheduleEnd = 1,
    };

    private readonly ImageDataset _training = SyntheticImages.Create(320);
    private readonly ImageDataset _test = SyntheticImages.Create(100, seed: 6);

    public static TheoryData<TrainingMethod> Methods => [.. Enum.GetValues<TrainingMethod>()];

    [Theory]
    [MemberData(nameof(Methods))]
    public void It_has_the_loss_of_the_last_evaluation(TrainingMethod method)
    {
        var graph = SyntheticImages.Network();
        WeightSet? start = null;
        if (method == TrainingMethod.Fixed)
        {
            var sparse = Train(s_recipe with { Method = TrainingMethod.Subp }, graph, null);
            (graph, start) = (sparse.Model.Graph, sparse.Model.Weights);
        }

        var result = Train(s_recipe with { Method = method }, graph, start);
        var evaluation = Evaluate(result.Model);
        Assert.Equal(result.History[^1].TestLoss, evaluation.Loss, 1e-5);
        Assert.Equal(result.History[^1].TestAccuracy, evaluation.Accuracy);
    }

    private Evaluation Evaluate(Model model)
    {
        using var engine = new EmbeddedProvider().Create(
            new EngineRequest(model.Graph, model.Weights, s_recipe.BatchSize, new EngineSettings { Threads = 1 })
        );
        return Evaluation.Of(engine, _test.Open(_training.MeasureNormalization(), Augmentation.None, Shard.Whole));
    }

    private TrainingResult Train(TrainingRecipe recipe, Graph graph, WeightSet? initial) =>
        Trainer.Train(
            recipe,
            graph,
            _training,
            _test,
            new TrainingOptions { Engine = new EngineSettings { Threads = 2 } },
            initial: initial
        );
}
