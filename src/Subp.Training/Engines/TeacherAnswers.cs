namespace Subp.Training.Engines;

/// <summary>
/// What a teacher answers to the images of a step (Hinton et al., 2015). The loss becomes (1 - share) times the cross entropy plus share
/// times T squared times the Kullback-Leibler divergence of the answers at temperature T, softmax(logits / T), from the teacher's.
/// </summary>
/// <param name="Logits">The teacher's logits, [images][classes].</param>
/// <param name="Share">The share of the teacher in the loss.</param>
/// <param name="Temperature">T.</param>
public sealed record TeacherAnswers(ReadOnlyMemory<float> Logits, float Share, float Temperature);
