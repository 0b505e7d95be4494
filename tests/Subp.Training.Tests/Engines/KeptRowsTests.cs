using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Training.Engines;
using Subp.Training.Engines.Embedded;
using Subp.Training.Engines.Embedded.Kernels;
using Subp.Training.Engines.Embedded.Operations;
using Subp.Training.Numerics;
using Subp.Training.Sparsification;

namespace Subp.Training.Tests.Engines;

/// <summary>Products that leave out masked rows, on every micro kernel, against products with the zeros in place.</summary>
public unsafe class KeptRowsTests
{
    private const int Images = 3;

    public static TheoryData<string, int, int, int, int, int> Shapes()
    {
        // Input channels, output channels, kernel, stride, block length.
        (int, int, int, int, int)[] shapes =
        [
            (16, 32, 3, 1, 16),
            (17, 48, 3, 1, 16),
            (80, 64, 3, 1, 16),
            (40, 64, 1, 1, 32),
            (40, 32, 1, 2, 16),
            (9, 24, 3, 1, 8),
            (48, 32, 3, 2, 16),
            (33, 20, 3, 1, 4),
            (5, 16, 2, 1, 16),
            (170, 48, 3, 1, 16),
            (16, 32, 11, 1, 16),
        ];
        var data = new TheoryData<string, int, int, int, int, int>();
        foreach (var (inputs, outputs, size, stride, length) in shapes)
        {
            foreach (string kernel in new[] { "avx512", "avx2", "portable" })
                data.Add(kernel, inputs, outputs, size, stride, length);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Kept_weights_give_the_bits_of_a_product_with_zeros(
        string kernelName,
        int inputs,
        int outputs,
        int size,
        int stride,
        int length
    )
    {
        if (Kernels.Find(kernelName) is not { } kernel)
            return;
        foreach (double keptShare in new[] { 0, 0.2, 0.5, 1 })
        {
            var random = new DeterministicRandom(7);
            var grid = new BlockGrid(outputs, inputs, size * size, length);
            var mask = Mask(grid, keptShare, random);
            var masked = new Convolution(kernel, inputs, outputs, size, stride);
            var zeroed = new Convolution(kernel, inputs, outputs, size, stride);
            mask.Apply(grid, zeroed.Weight.Values);
            masked.Weight.SetMask(grid, mask);

            Assert.Equal(zeroed.Forward(), masked.Forward());
            foreach (bool pruned in new[] { true, false })
            {
                var (weights, pixels) = zeroed.Backward(prunedWeightsLearn: true);
                var (ownWeights, ownPixels) = masked.Backward(pruned);
                AssertClose(pixels, ownPixels);
                if (!pruned && KeptShareOfRows(grid, mask) < 0.8)
                    ZeroPrunedRows(grid, mask, weights);
                Assert.Equal(weights, ownWeights);
            }

            // A second reader of the input adds to the gradient of the first.
            AssertClose(zeroed.Backward(prunedWeightsLearn: true, accumulate: true).Pixels, masked.Backward(true, accumulate: true).Pixels);

            // Another mask, and the first again: nothing of the old weights may stay between the new ones.
            masked.Weight.SetMask(grid, Mask(grid, 0.3, random));
            masked.Forward();
            masked.Weight.SetMask(grid, mask);
            Assert.Equal(zeroed.Forward(), masked.Forward());
        }
    }

    private static BlockMask Mask(BlockGrid grid, double keptShare, DeterministicRandom random) =>
        BlockMask.FromBytes(
            grid.Groups,
            grid.InputChannels,
            [.. Enumerable.Range(0, grid.Groups * grid.InputChannels).Select(_ => (byte)(random.NextDouble() < keptShare ? 1 : 0))]
        );

    // A row of 16 weights stays whole where any block in it is kept.
    private static bool RowIsKept(BlockGrid grid, BlockMask mask, int output, int input) =>
        Enumerable
            .Range(output / 16 * 16, Math.Min(16, grid.OutputChannels - (output / 16 * 16)))
            .Any(channel => mask[channel / grid.BlockLength, input]);

    private static double KeptShareOfRows(BlockGrid grid, BlockMask mask)
    {
        var rows =
            from block in Enumerable.Range(0, (grid.OutputChannels + 15) / 16)
            from input in Enumerable.Range(0, grid.InputChannels)
            select RowIsKept(grid, mask, block * 16, input);
        return rows.Average(kept => kept ? 1.0 : 0.0);
    }

    // The input gradient adds up block by block, which rounds otherwise.
    private static void AssertClose(float[] expected, float[] actual)
    {
        float scale = expected.Max(Math.Abs);
        Assert.All(expected.Zip(actual), pair => Assert.InRange(pair.Second, pair.First - (1e-5f * scale), pair.First + (1e-5f * scale)));
    }

    private static void ZeroPrunedRows(BlockGrid grid, BlockMask mask, float[] weights)
    {
        for (int i = 0; i < weights.Length; i++)
        {
            int row = i / grid.KernelSize;
            if (!RowIsKept(grid, mask, row / grid.InputChannels, row % grid.InputChannels))
                weights[i] = 0;
        }
    }

    // Height and width make tiles end inside of images and the last tile short.
    private sealed class Convolution
    {
        private readonly BlockedTensor _source;
        private readonly BlockedTensor _target;
        private readonly ConvolutionOperation _operation;
        private readonly BatchContext _batch;
        private readonly int _outputs;

        public Convolution(MicroKernel kernel, int inputs, int outputs, int size, int stride)
        {
            const int height = 5;
            const int width = 7;
            _outputs = outputs;
            var random = new DeterministicRandom(3);
            var window = new Window(new Extent(size, size), new Extent(stride, stride), Padding.All(size / 2), Extent.One);
            int rows = ((height + (2 * (size / 2)) - size) / stride) + 1;
            int columns = ((width + (2 * (size / 2)) - size) / stride) + 1;
            Weight = new TrainedParameter(
                new ParameterRule("w", new TensorShape(outputs * inputs * size * size), IsTrained: true, Decays: true)
            );
            Random(Weight.Values.Length, random).CopyTo(Weight.Values, 0);
            _source = new BlockedTensor(Images, inputs, height, width, needsGradient: true);
            _target = new BlockedTensor(Images, outputs, rows, columns, needsGradient: true);
            _operation = new ConvolutionOperation(_source, _target, Weight, bias: null, window, groups: 1, kernel) { Name = "conv" };
            _batch = new BatchContext(new WorkerTeam(2), kernel) { Images = Images, Pass = PassKind.Training };
            _source.Load(Random(Images * inputs * height * width, random), Images);
            using var gradient = new BlockedTensor(Images, outputs, rows, columns, needsGradient: false);
            gradient.Load(Random(Images * outputs * rows * columns, random), Images);
            long bytes = _target.PlaneStride * _target.Blocks * sizeof(float);
            Buffer.MemoryCopy(gradient.Values, _target.Gradient, bytes, bytes);
        }

        public TrainedParameter Weight { get; }

        public float[] Forward()
        {
            _operation.Forward(_batch);
            float[] result = new float[Images * _outputs * _target.Pixels];
            _target.Store(_target.Values, result, Images);
            return result;
        }

        public (float[] Weights, float[] Pixels) Backward(bool prunedWeightsLearn, bool accumulate = false)
        {
            _source.GradientHasContent = accumulate;
            _batch.PrunedWeightsLearn = prunedWeightsLearn;
            _operation.Backward(_batch);
            float[] pixels = new float[Images * _source.Channels * _source.Pixels];
            _source.Store(_source.Gradient, pixels, Images);
            return ([.. Weight.Gradient], pixels);
        }

        private static float[] Random(int length, DeterministicRandom random) =>
            [.. Enumerable.Range(0, length).Select(_ => (float)random.NextGaussian())];
    }
}
