using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Core.Interpretation.Evaluators;

/// <summary>
/// What operators compute on bytes, to the bit: the arithmetic of <see cref="IntegerLayer"/>. Operators that only move bytes, or choose
/// among them, are evaluated like those on numbers.
/// </summary>
internal static class IntegerEvaluator
{
    /// <summary>Computes a node that reads or makes bytes; false where nothing of it is special to bytes.</summary>
    public static bool TryEvaluate(Operator @operator, Arguments arguments)
    {
        if (@operator is Quantize && arguments.InputQuantization() is null)
        {
            Map(arguments, value => IntegerLayer.Quantize((float)value, arguments.OutputQuantization!));
            return true;
        }

        if (arguments.InputCount == 0 || arguments.InputQuantization() is not { } input)
            return false;
        switch (@operator)
        {
            case Dequantize:
                Map(arguments, value => IntegerLayer.Dequantize((int)value, input));
                return true;
            case Quantize:
                Map(arguments, value => IntegerLayer.Requantize((int)value, input, arguments.OutputQuantization!));
                return true;
            case Activate activate:
                var table = IntegerLayer.Table(activate.Activation, input, arguments.OutputQuantization!);
                Map(arguments, value => table[(int)value]);
                return true;
            case Conv2d convolution:
                Conv2dEvaluator.Sum(convolution, arguments, WithoutZeroPoint(arguments.Input(), input));
                FinishLayer(
                    arguments,
                    convolution.WeightScale!,
                    convolution.Bias,
                    convolution.Activation,
                    channelAxis: 1,
                    convolution.RoundedFirst
                );
                return true;
            case Linear linear:
                LinearEvaluator.Sum(linear, arguments, WithoutZeroPoint(arguments.Input(), input), bias: null);
                FinishLayer(arguments, linear.WeightScale!, linear.Bias, linear.Activation, arguments.OutputShape.Rank - 1);
                return true;
            case Add add:
                Sum(add, arguments, input);
                return true;
            case Mul product:
                Product(product, arguments, input);
                return true;
            case Concat concat:
                Concat(concat, arguments);
                return true;
            case Pool2d { Kind: PoolKind.Average } pool:
                AveragePool(pool, arguments, input);
                return true;
            case Operators.GlobalAveragePool:
                GlobalAveragePool(arguments, input);
                return true;
            case Pad pad:
                CopyEvaluator.Pad(pad with { Value = IntegerLayer.Quantize(pad.Value, input) }, arguments);
                return true;
            default:
                return false;
        }
    }

    private static void Map(Arguments arguments, Func<double, double> function)
    {
        var (input, output) = (arguments.Input(), arguments.Output);
        for (var index = 0; index < output.Length; index++)
            output[index] = function(input[index]);
    }

    private static double[] WithoutZeroPoint(double[] bytes, Quantization quantization) =>
        Array.ConvertAll(bytes, value => value - quantization.ZeroPoint);

    private static void FinishFloat(Arguments arguments, float[] scales, int[]? bias, Activation activation, int inner)
    {
        var inputScale = arguments.InputQuantization()!.Scale;
        var output = arguments.Output;
        for (var index = 0; index < output.Length; index++)
        {
            var channel = index / inner % scales.Length;
            var sum = checked((int)(output[index] + (bias?[channel] ?? 0)));
            output[index] = activation.Apply((float)((float)sum * IntegerLayer.SumScale(inputScale, scales[channel])));
        }
    }

    // y = clamp(rint(float(acc) * M [+ (r - z_r) * (s_r / s_y)]) + z_y, lo, hi): two products and a sum, each rounded by itself. What is
    // rounded first is a byte of its own before the residual is added.
    private static void FinishLayer(
        Arguments arguments,
        string scaleName,
        string? biasName,
        Activation activation,
        int channelAxis,
        Quantization? roundedFirst = null
    )
    {
        var (scales, bias) = (arguments.Parameter(scaleName), arguments.OptionalIntegers(biasName));
        var inner = StridedIndex.Inner(arguments.OutputShape, channelAxis);
        if (arguments.OutputQuantization is not { } result)
        {
            FinishFloat(arguments, scales, bias, activation, inner);
            return;
        }

        var input = arguments.InputQuantization()!;
        var (low, high) = IntegerLayer.Bounds(activation, result);
        var residual = arguments.InputCount > 1 ? arguments.InputQuantization(1) : null;
        var ratio = residual is null ? 0 : IntegerLayer.Ratio(residual, result);
        var made = roundedFirst ?? result;
        var output = arguments.Output;
        for (var index = 0; index < output.Length; index++)
        {
            var channel = index / inner % scales.Length;
            var sum = checked((int)(output[index] + (bias?[channel] ?? 0)));
            var steps = (float)((float)sum * IntegerLayer.Multiplier(input.Scale, scales[channel], made.Scale));
            if (roundedFirst is not null)
            {
                var rounded = IntegerLayer.Place(steps, roundedFirst.ZeroPoint, 0, byte.MaxValue);
                steps = (float)((float)(rounded - roundedFirst.ZeroPoint) * IntegerLayer.Ratio(roundedFirst, result));
            }

            if (residual is not null)
                steps = (float)(steps + (float)((float)(arguments.Input(1)[index] - residual.ZeroPoint) * ratio));
            output[index] = IntegerLayer.Place(steps, result.ZeroPoint, low, high);
        }
    }

    private static void Sum(Add add, Arguments arguments, Quantization left)
    {
        var (right, result) = (arguments.InputQuantization(1)!, arguments.OutputQuantization!);
        var (leftRatio, rightRatio) = (IntegerLayer.Ratio(left, result), IntegerLayer.Ratio(right, result));
        var (low, high) = IntegerLayer.Bounds(add.Activation, result);
        BroadcastEvaluator.Combine(
            arguments,
            (a, b) =>
            {
                var first = (float)((float)(a - left.ZeroPoint) * leftRatio);
                var second = (float)((float)(b - right.ZeroPoint) * rightRatio);
                return IntegerLayer.Place((float)(first + second), result.ZeroPoint, low, high);
            }
        );
    }

    private static void Product(Mul product, Arguments arguments, Quantization left)
    {
        var (right, result) = (arguments.InputQuantization(1)!, arguments.OutputQuantization!);
        var multiplier = IntegerLayer.Multiplier(left.Scale, right.Scale, result.Scale);
        var (low, high) = IntegerLayer.Bounds(product.Activation, result);
        BroadcastEvaluator.Combine(
            arguments,
            (a, b) =>
                IntegerLayer.Place((float)((float)((a - left.ZeroPoint) * (b - right.ZeroPoint)) * multiplier), result.ZeroPoint, low, high)
        );
    }

    private static void Concat(Concat concat, Arguments arguments)
    {
        var result = arguments.OutputQuantization!;
        ConcatEvaluator.Evaluate(
            concat,
            arguments,
            (input, value) => IntegerLayer.Requantize((int)value, arguments.InputQuantization(input)!, result)
        );
    }

    // y = clamp(rint(float(sum of (x - z_x)) * M) + z_y, 0, 255) with M = float(float(s_x / s_y) / count).
    private static void AveragePool(Pool2d pool, Arguments arguments, Quantization input)
    {
        var result = arguments.OutputQuantization!;
        var (shape, image) = (arguments.OutputShape, arguments.InputShape());
        var centred = WithoutZeroPoint(arguments.Input(), input);
        var target = 0;
        for (var plane = 0; plane < shape.Batch * shape.Channels; plane++)
        {
            var pixels = centred.AsSpan(plane * image.Height * image.Width, image.Height * image.Width);
            for (var row = 0; row < shape.Height; row++)
            {
                for (var column = 0; column < shape.Width; column++)
                {
                    var (_, sum) = Pool2dEvaluator.Window(pool, pixels, image.Height, image.Width, row, column);
                    var count = pool.CountedTaps(image.Height, image.Width, row, column);
                    arguments.Output[target++] = Mean((int)sum, count, input, result);
                }
            }
        }
    }

    private static void GlobalAveragePool(Arguments arguments, Quantization input)
    {
        var centred = WithoutZeroPoint(arguments.Input(), input);
        var plane = centred.Length / arguments.Output.Length;
        for (var index = 0; index < arguments.Output.Length; index++)
        {
            long sum = 0;
            foreach (var value in centred.AsSpan(index * plane, plane))
                sum += (long)value;
            arguments.Output[index] = Mean(checked((int)sum), plane, input, arguments.OutputQuantization!);
        }
    }

    private static int Mean(int sum, int count, Quantization input, Quantization result) =>
        IntegerLayer.Place((float)((float)sum * IntegerLayer.MeanMultiplier(input, result, count)), result.ZeroPoint, 0, byte.MaxValue);
}
