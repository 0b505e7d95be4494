using Subp.Core.Graphs;
using Subp.Training.Sparsification;

namespace Subp.Training.Engines;

/// <summary>
/// What a training engine does: tensors, nothing else. It knows masks as factors of the weights, but not how they come about;
/// epochs, schedules and files are the trainer's. Not thread-safe.
/// </summary>
public interface ITrainingEngine : IDisposable
{
    /// <summary>The word of its provider, by which a checkpoint knows it again.</summary>
    string Name { get; }

    /// <summary>A word for reports, for example <c>embedded/avx512/2 threads</c>.</summary>
    string Description { get; }

    /// <summary>How it computes.</summary>
    EngineSettings Settings { get; }

    /// <summary>The network.</summary>
    Graph Graph { get; }

    /// <summary>The largest number of images of one call.</summary>
    int BatchCapacity { get; }

    /// <summary>The trained parameters in the order in which the backward pass completes their gradients.</summary>
    IReadOnlyList<string> GradientOrder { get; }

    /// <summary>
    /// Where values are rounded to bytes: by value the parameter that holds the smallest and the largest number of its range, in the order
    /// of the network. Empty for a training in floats.
    /// </summary>
    IReadOnlyList<KeyValuePair<string, string>> Ranges => [];

    /// <summary>Where gradients go before the optimiser uses them; null where this process trains alone.</summary>
    IGradientExchange? GradientExchange { get; set; }

    /// <summary>The answers of a teacher to the images of the next step; null where the labels alone teach.</summary>
    TeacherAnswers? Teacher { get; set; }

    /// <summary>One training step: forward in training mode, backward, SR-STE term, SGD with momentum.</summary>
    /// <param name="images">The images, normalised, [images][channels][height][width].</param>
    /// <param name="labels">One class per image; its length is the batch size.</param>
    /// <param name="settings">The hyper-parameters of this step.</param>
    /// <exception cref="ArgumentException">The lengths do not fit, or a label is out of range.</exception>
    StepResult Train(ReadOnlySpan<float> images, ReadOnlySpan<int> labels, StepSettings settings);

    /// <summary>
    /// Forward in training mode, backward and exchange of the gradients, without changing a weight; running statistics move.
    /// </summary>
    /// <exception cref="ArgumentException">The lengths do not fit, or a label is out of range.</exception>
    StepResult ComputeGradients(ReadOnlySpan<float> images, ReadOnlySpan<int> labels, float labelSmoothing);

    /// <summary>Forward with masked weights and running statistics.</summary>
    /// <param name="images">The images, normalised.</param>
    /// <param name="count">The number of images.</param>
    /// <param name="outputs">[images][classes]: logits, or probabilities where the network ends with a softmax.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    void Predict(ReadOnlySpan<float> images, int count, Span<float> outputs);

    /// <summary>The dense stored values of a parameter; pruned weights keep theirs.</summary>
    /// <exception cref="KeyNotFoundException">There is no such parameter.</exception>
    ReadOnlySpan<float> Values(string parameter);

    /// <summary>The gradient of the last step; empty for running statistics.</summary>
    /// <exception cref="KeyNotFoundException">There is no such parameter.</exception>
    ReadOnlySpan<float> Gradient(string parameter);

    /// <summary>The momentum of the optimiser; empty for running statistics.</summary>
    /// <exception cref="KeyNotFoundException">There is no such parameter.</exception>
    ReadOnlySpan<float> Momentum(string parameter);

    /// <summary>Replaces the values of a parameter.</summary>
    /// <exception cref="KeyNotFoundException">There is no such parameter.</exception>
    /// <exception cref="ArgumentException">The length is wrong.</exception>
    void SetValues(string parameter, ReadOnlySpan<float> values);

    /// <summary>Replaces the momentum of a parameter.</summary>
    /// <exception cref="KeyNotFoundException">There is no such parameter.</exception>
    /// <exception cref="ArgumentException">The length is wrong.</exception>
    void SetMomentum(string parameter, ReadOnlySpan<float> values);

    /// <summary>Masks a weight from the next step on.</summary>
    /// <exception cref="KeyNotFoundException">There is no such parameter.</exception>
    /// <exception cref="ArgumentException">The mask does not fit the weight.</exception>
    void SetMask(string parameter, BlockGrid grid, BlockMask mask);

    /// <summary>The state of the engine's own random generator; empty where it has none.</summary>
    byte[] SaveRandomState();

    /// <summary>Puts back what <see cref="SaveRandomState"/> gave.</summary>
    /// <exception cref="ArgumentException">The bytes are not a state of this engine.</exception>
    void RestoreRandomState(ReadOnlySpan<byte> state);

    /// <summary>The time each layer has taken since the last call, and the work it did.</summary>
    EngineProfile TakeProfile();
}
