using Subp.Training.Engines.Embedded.Kernels;

namespace Subp.Training.Engines.Embedded;

/// <summary>The teacher's part of the loss, for one image.</summary>
internal static unsafe class Distillation
{
    /// <summary>Mixes the gradient of the teacher's part into that of the cross entropy and returns its loss.</summary>
    /// <param name="logits">The pupil's logits, whose gradient is that of the cross entropy.</param>
    /// <param name="image">The image.</param>
    /// <param name="answers">The teacher.</param>
    /// <param name="scale">One over the images of the batch.</param>
    public static double Mix(BlockedTensor logits, int image, TeacherAnswers answers, float scale)
    {
        int classes = logits.Channels;
        var teacher = answers.Logits.Span.Slice(image * classes, classes);
        double teacherSum = LogSum(classes, index => answers.Logits.Span[(image * classes) + index], answers.Temperature);
        double pupilSum = LogSum(classes, index => Pupil(logits, image, index), answers.Temperature);
        double loss = 0;
        for (int index = 0; index < classes; index++)
        {
            double wanted = (teacher[index] / answers.Temperature) - teacherSum;
            double given = (Pupil(logits, image, index) / answers.Temperature) - pupilSum;
            double probability = Math.Exp(wanted);
            loss += probability * (wanted - given);
            float* gradient = logits.GradientAt(index / MicroKernel.Lanes, image) + (index % MicroKernel.Lanes);
            *gradient =
                ((1 - answers.Share) * *gradient) + (answers.Share * answers.Temperature * scale * (float)(Math.Exp(given) - probability));
        }

        return loss * answers.Temperature * answers.Temperature;
    }

    private static float Pupil(BlockedTensor logits, int image, int index) =>
        logits.ValuesAt(index / MicroKernel.Lanes, image)[index % MicroKernel.Lanes];

    private static double LogSum(int classes, Func<int, float> value, float temperature)
    {
        double largest = double.NegativeInfinity;
        for (int index = 0; index < classes; index++)
            largest = Math.Max(largest, value(index) / temperature);

        double sum = 0;
        for (int index = 0; index < classes; index++)
            sum += Math.Exp((value(index) / temperature) - largest);

        return largest + Math.Log(sum);
    }
}
