using Subp.Core.Interpretation.Evaluators;
using Subp.Core.Operators;

namespace Subp.Core.Interpretation;

/// <summary>Which evaluator computes which operator.</summary>
internal static class OperatorEvaluators
{
    public static void Evaluate(Operator @operator, Arguments arguments)
    {
        if (IntegerEvaluator.TryEvaluate(@operator, arguments))
            return;
        switch (@operator)
        {
            case Activate activate:
                ActivateEvaluator.Evaluate(activate, arguments);
                break;
            case Add add:
                BroadcastEvaluator.Add(add, arguments);
                break;
            case ArgExtreme search:
                ReduceEvaluator.Evaluate(search, arguments);
                break;
            case BatchNorm norm:
                BatchNormEvaluator.Evaluate(norm, arguments);
                break;
            case Binary binary:
                BroadcastEvaluator.Combine(arguments, binary.Apply);
                break;
            case ChangeLayout or Flatten or Reshape:
                // All of them leave the elements and their order in NCHW alone.
                arguments.Input().CopyTo(arguments.Output, 0);
                break;
            case ChannelShuffle shuffle:
                ChannelShuffleEvaluator.Evaluate(shuffle, arguments);
                break;
            case Concat concat:
                ConcatEvaluator.Evaluate(concat, arguments);
                break;
            case Constant constant:
                ConstantEvaluator.Evaluate(constant, arguments);
                break;
            case Conv2d convolution:
                Conv2dEvaluator.Evaluate(convolution, arguments);
                break;
            case ConvTranspose2d convolution:
                ConvTranspose2dEvaluator.Evaluate(convolution, arguments);
                break;
            case DepthToSpace shuffle:
                CopyEvaluator.DepthToSpace(shuffle, arguments);
                break;
            case Gather gather:
                CopyEvaluator.Gather(gather, arguments);
                break;
            case GlobalAveragePool:
                GlobalAveragePoolEvaluator.Evaluate(arguments);
                break;
            case Linear linear:
                LinearEvaluator.Evaluate(linear, arguments);
                break;
            case LocalResponseNorm norm:
                NormalizeEvaluator.Evaluate(norm, arguments);
                break;
            case MatMul:
                MatMulEvaluator.Evaluate(arguments);
                break;
            case Mul product:
                BroadcastEvaluator.Multiply(product, arguments);
                break;
            case Normalize norm:
                NormalizeEvaluator.Evaluate(norm, arguments);
                break;
            case Pad pad:
                CopyEvaluator.Pad(pad, arguments);
                break;
            case Pool2d pool:
                Pool2dEvaluator.Evaluate(pool, arguments);
                break;
            case PooledConv2d pooled:
                EvaluatePooled(pooled, arguments);
                break;
            case Recurrence recurrence:
                RecurrenceEvaluator.Evaluate(recurrence, arguments);
                break;
            case Reduce reduce:
                ReduceEvaluator.Evaluate(reduce, arguments);
                break;
            case Resize resize:
                ResizeEvaluator.Evaluate(resize, arguments);
                break;
            case Slice slice:
                CopyEvaluator.Slice(slice, arguments);
                break;
            case Softmax softmax:
                SoftmaxEvaluator.Evaluate(softmax, arguments);
                break;
            case SpaceToDepth shuffle:
                CopyEvaluator.SpaceToDepth(shuffle, arguments);
                break;
            case Take take:
                IndexedCopyEvaluator.Take(take, arguments);
                break;
            case TakeElements take:
                IndexedCopyEvaluator.TakeElements(take, arguments);
                break;
            case TakeTuples take:
                IndexedCopyEvaluator.TakeTuples(take, arguments);
                break;
            case Tile:
                CopyEvaluator.Tile(arguments);
                break;
            case TopIndices top:
                TopIndicesEvaluator.Evaluate(top, arguments);
                break;
            case Transpose transpose:
                CopyEvaluator.Transpose(transpose, arguments);
                break;
            case Where:
                BroadcastEvaluator.Select(arguments);
                break;
            default:
                throw new NotSupportedException($"The reference interpreter has no evaluator for '{@operator.Mnemonic}'.");
        }
    }

    private static void EvaluatePooled(PooledConv2d pooled, Arguments arguments)
    {
        var first = arguments.OfConvolution(pooled);
        Conv2dEvaluator.Evaluate(pooled.Convolution, first);
        var second = arguments.OfPooling(first);
        Pool2dEvaluator.Evaluate(pooled.Pool, second);
        second.Output.CopyTo(arguments.Output, 0);
    }
}
