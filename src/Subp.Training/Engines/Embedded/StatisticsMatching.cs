using Subp.Core.Weights;
using Subp.Training.Engines.Embedded.Kernels;
using Subp.Training.Engines.Embedded.Operations;

namespace Subp.Training.Engines.Embedded;

/// <summary>
/// The gradient of two things with respect to a batch of images: how far the statistics of what is in front of each normalisation are from
/// the stored ones, and the cross entropy of classes. Results are the same bits for the same instruction set, whatever the number of
/// threads.
/// </summary>
internal sealed unsafe class StatisticsMatching : IDisposable
{
    private readonly WorkerTeam _team;
    private readonly TrainedNetwork _network;
    private readonly EngineProgram _program;
    private readonly SoftmaxCrossEntropy _loss;
    private readonly BatchContext _batch;
    private readonly StatisticsDistance _distance = new();

    /// <summary>Builds the program.</summary>
    /// <param name="model">The network, batch normalisations not folded.</param>
    /// <param name="capacity">The most images of a batch.</param>
    /// <param name="threads">The threads.</param>
    /// <exception cref="Core.Diagnostics.SubpException">SUBP0508: an operator has no gradient here.</exception>
    public StatisticsMatching(Model model, int capacity, int threads)
        : this(model, capacity, threads, MicroKernel.Best) { }

    /// <summary>As above, with a micro kernel other than the best of this machine.</summary>
    internal StatisticsMatching(Model model, int capacity, int threads, MicroKernel kernel)
    {
        _network = new TrainedNetwork(model.Graph);
        _program = new EngineProgram(_network, capacity, kernel, inputLearns: true);
        _team = new WorkerTeam(threads);
        _batch = new BatchContext(_team, kernel) { Distance = _distance, Pass = PassKind.Matching };
        _loss = new SoftmaxCrossEntropy(_program.Logits);
        foreach (var (name, parameter) in _program.Parameters)
            model.Weights[name].Values.CopyTo(parameter.Values, 0);
        foreach (var _ in _program.Operations.OfType<BatchNormOperation>())
            _distance.Register();
    }

    /// <summary>The number of classes.</summary>
    public int Classes => _network.Classes;

    /// <summary>The normalisations whose statistics are compared.</summary>
    public int Normalisations => _distance.Normalisations;

    /// <summary>Finds the gradient for a batch.</summary>
    /// <param name="images">The images, normalised, [images][channels][height][width].</param>
    /// <param name="labels">A class for each image; its length is the size of the batch.</param>
    /// <param name="classShare">What the cross entropy counts beside the distance of statistics.</param>
    /// <param name="gradient">Receives the gradient of distance + share x cross entropy, as the images lie.</param>
    /// <returns>The distance, as <see cref="StatisticsDistance"/> has it, and the mean cross entropy.</returns>
    public (double Distance, double CrossEntropy) Run(
        ReadOnlySpan<float> images,
        ReadOnlySpan<int> labels,
        float classShare,
        Span<float> gradient
    )
    {
        _batch.Images = labels.Length;
        _distance.Restart();
        _program.Input.Load(images, labels.Length);
        foreach (var operation in _program.Operations)
            operation.Forward(_batch);
        _program.ResetGradients();
        var loss = _loss.Run(labels, labelSmoothing: 0).Loss;
        ScaleLogits(labels.Length, classShare);
        for (int index = _program.Operations.Count - 1; index >= 0; index--)
            _program.Operations[index].Backward(_batch);
        _program.Input.Store(_program.Input.Gradient, gradient, labels.Length);
        return (_distance.Value, loss);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _team.Dispose();
        _loss.Dispose();
        _program.Dispose();
    }

    private void ScaleLogits(int images, float share)
    {
        for (int block = 0; block < _program.Logits.Blocks; block++)
        {
            foreach (ref var value in new Span<float>(_program.Logits.GradientAt(block, 0), images * MicroKernel.Lanes))
                value *= share;
        }
    }
}
