using System.Runtime.Intrinsics;
using Subp.Training.Engines.Embedded.Kernels;

namespace Subp.Training.Engines.Embedded;

/// <summary>
/// Cross entropy of softmax with label smoothing: the target gives each class s / K and the label 1 - s more. The gradient of the
/// mean loss with respect to the logits is (softmax - target) / images.
/// </summary>
internal sealed unsafe class SoftmaxCrossEntropy(BlockedTensor logits) : IDisposable
{
    private readonly AlignedBuffer _row = new(logits.Blocks * MicroKernel.Lanes);

    /// <summary>Computes the mean loss and writes the gradient of the logits.</summary>
    public StepResult Run(ReadOnlySpan<int> labels, float labelSmoothing, TeacherAnswers? teacher = null)
    {
        double loss = 0;
        int correct = 0;
        int classes = logits.Channels;
        float background = labelSmoothing / classes;
        float scale = 1.0f / labels.Length;
        float* row = _row.Pointer;
        for (int image = 0; image < labels.Length; image++)
        {
            float ofLabel = logits.ValuesAt(labels[image] / MicroKernel.Lanes, image)[labels[image] % MicroKernel.Lanes];
            double total = Exponentials(image, out float largest, out double sumOfLogits);
            double logSum = largest + Math.Log(total);
            double ofImage = logSum - ((1.0 - labelSmoothing) * ofLabel) - (background * sumOfLogits);
            correct += ofLabel == largest ? 1 : 0;
            var inverse = Vector256.Create((float)(1.0 / total));
            for (int block = 0; block < logits.Blocks; block++)
            {
                float* gradient = logits.GradientAt(block, image);
                for (int half = 0; half < MicroKernel.Lanes; half += 8)
                {
                    var probability = Vector256.LoadAligned(row + (block * MicroKernel.Lanes) + half) * inverse;
                    ((probability - Vector256.Create(background)) * scale).StoreAligned(gradient + half);
                }
            }

            ClearPadding(image);
            logits.GradientAt(labels[image] / MicroKernel.Lanes, image)[labels[image] % MicroKernel.Lanes] -= (1 - labelSmoothing) * scale;
            loss += teacher is null
                ? ofImage
                : ((1.0 - teacher.Share) * ofImage) + (teacher.Share * Distillation.Mix(logits, image, teacher, scale));
        }

        logits.GradientHasContent = true;
        return new StepResult(loss / labels.Length, correct);
    }

    /// <summary>Writes softmax of the logits, [images][classes].</summary>
    public void Probabilities(int images, Span<float> probabilities)
    {
        for (int image = 0; image < images; image++)
        {
            float inverse = (float)(1.0 / Exponentials(image, out _, out _));
            for (int c = 0; c < logits.Channels; c++)
                probabilities[(image * logits.Channels) + c] = _row.Pointer[c] * inverse;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _row.Dispose();

    private double Exponentials(int image, out float largest, out double sumOfLogits)
    {
        float* row = _row.Pointer;
        int classes = logits.Channels;
        for (int block = 0; block < logits.Blocks; block++)
        {
            new Span<float>(logits.ValuesAt(block, image), MicroKernel.Lanes).CopyTo(
                new Span<float>(row + (block * MicroKernel.Lanes), MicroKernel.Lanes)
            );
        }

        sumOfLogits = 0;
        largest = float.NegativeInfinity;
        for (int c = 0; c < classes; c++)
        {
            sumOfLogits += row[c];
            largest = MathF.Max(largest, row[c]);
        }

        int padded = logits.Blocks * MicroKernel.Lanes;
        new Span<float>(row + classes, padded - classes).Fill(float.NegativeInfinity);
        double total = 0;
        for (int c = 0; c < padded; c += 8)
        {
            var exponentials = Vector256.Exp(Vector256.LoadAligned(row + c) - Vector256.Create(largest));
            exponentials.StoreAligned(row + c);
            total += Vector256.Sum(exponentials);
        }

        return total;
    }

    private void ClearPadding(int image)
    {
        int used = logits.Channels % MicroKernel.Lanes;
        if (used != 0)
            new Span<float>(logits.GradientAt(logits.Blocks - 1, image) + used, MicroKernel.Lanes - used).Clear();
    }
}
