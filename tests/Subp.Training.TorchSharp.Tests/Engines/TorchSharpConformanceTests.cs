using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Training.Distributed.Mpi;
using Subp.Training.Engines;
using Subp.Training.Tests.Distributed;
using Subp.Training.Tests.Engines;
using Subp.Training.Tests.Runs;

// The number of threads and the count of live tensors belong to the process.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Subp.Training.TorchSharp.Tests.Engines;

public sealed class TorchSharpEngineConformanceTests : EngineConformance
{
    protected override ITrainingEngineProvider Provider { get; } = LibtorchFault.Provider;

    protected override float PredictionTolerance => 1e-5f;

    [TheoryOfValues]
    [MemberData(nameof(Networks))]
    public override void Loss_and_gradients_agree_with_finite_differences(string network) =>
        base.Loss_and_gradients_agree_with_finite_differences(network);

    [FactOfValues]
    public override void The_same_steps_give_the_same_bits() => base.The_same_steps_give_the_same_bits();

    [FactOfValues]
    public override void Weights_momentum_and_statistics_taken_out_and_put_into_another_engine_go_on_with_the_same_bits() =>
        base.Weights_momentum_and_statistics_taken_out_and_put_into_another_engine_go_on_with_the_same_bits();

    [Fact]
    public void Gates_padding_and_shuffles_agree_with_finite_differences()
    {
        var builder = new GraphBuilder("gates");
        string x = builder.Input("x", new TensorShape(1, 3, 7, 6));
        x = builder.Node("padded", new Pad { Padding = new Padding(1, 0, 2, 1), Value = 0.5f }, x);
        x = builder.Conv2d("c0", x, 12, Window.Square(3), bias: true, activation: Activation.Silu);
        x = builder.Node("shuffled", new ChannelShuffle { Groups = 3 }, x);
        string pooled = builder.Node("squeeze", new GlobalAveragePool(), x);
        string gate = builder.Conv2d("gate", pooled, 12, Window.Square(1), bias: true, activation: Activation.HardSigmoid());
        x = builder.Node("scaled", new Mul { Activation = Activation.HardSwish }, x, gate);
        x = builder.Node("sigmoid", new Activate { Activation = Activation.Sigmoid }, builder.Node("squared", new Mul(), x, x));
        builder.Output(builder.Linear("fc", builder.Node("flat", new Flatten(), builder.Node("pool", new GlobalAveragePool(), x)), 5));
        AssertFiniteDifferences(builder.Build());
    }
}

public sealed class TorchSharpRecordedStepsTests : RecordedSteps
{
    protected override ITrainingEngineProvider Provider { get; } = LibtorchFault.Provider;

    [FactOfValues]
    public override void Three_masked_steps_agree_with_PyTorch() => base.Three_masked_steps_agree_with_PyTorch();
}

public sealed class TorchSharpGradientExchangeTests : GradientExchangeConformance
{
    protected override ITrainingEngineProvider Provider { get; } = LibtorchFault.Provider;

    [TheoryOfValues]
    [InlineData("residual")]
    [InlineData("wide")]
    [InlineData("slices")]
    public override void Gradients_are_sent_in_the_announced_order_before_any_is_received_and_an_idle_exchange_changes_no_bit(
        string network
    ) => base.Gradients_are_sent_in_the_announced_order_before_any_is_received_and_an_idle_exchange_changes_no_bit(network);

    [FactOfValues]
    public override void What_is_received_is_what_the_optimiser_uses() => base.What_is_received_is_what_the_optimiser_uses();

    [FactOfValues]
    public override void The_mean_of_two_half_batches_is_the_gradient_of_the_whole_batch() =>
        base.The_mean_of_two_half_batches_is_the_gradient_of_the_whole_batch();
}

public sealed class TorchSharpTrainerTests : TrainerConformance
{
    protected override ITrainingEngineProvider Provider { get; } = LibtorchFault.Provider;
}

public sealed class TorchSharpRoundedTrainingTests : RoundedTrainingConformance
{
    protected override ITrainingEngineProvider Provider { get; } = LibtorchFault.Provider;
}

public sealed class TorchSharpDataParallelTests : DataParallelConformance
{
    protected override ITrainingEngineProvider Provider { get; } = LibtorchFault.Provider;

    protected override Action<string> PrintLosses => PrintLossesUnderMpi;

    [TheoryOfValues]
    [InlineData(2)]
    [InlineData(3)]
    public override void Ranks_have_the_loss_curve_of_one_process_on_the_same_batches(int ranks) =>
        base.Ranks_have_the_loss_curve_of_one_process_on_the_same_batches(ranks);

    [FactOfValues]
    public override void With_batch_normalisation_ranks_do_what_one_process_does_that_normalises_each_part_by_itself() =>
        base.With_batch_normalisation_ranks_do_what_one_process_does_that_normalises_each_part_by_itself();

    [FactOfValuesWithMpi]
    public override void Under_MPI_ranks_have_the_loss_curve_of_one_process_on_the_same_batches() =>
        base.Under_MPI_ranks_have_the_loss_curve_of_one_process_on_the_same_batches();

    private static void PrintLossesUnderMpi(string argument)
    {
        using var group = MpiLaunch.Join();
        new TorchSharpDataParallelTests().PrintLossesOfRank0(group);
    }
}
