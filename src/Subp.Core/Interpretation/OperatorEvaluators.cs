using Subp.Core.Interpretation.Evaluators;
using Subp.Core.Operators;

namespace Subp.Core.Interpretation;

/// <summary>Which evaluator computes which operator.</summary>
internal static class OperatorEvaluators
{
    public static void Evaluate(Operator @operator, Arguments arguments)
    {
        switch (@operator)
        {
            case Activate activate:
                ActivateEvaluator.Evaluate(activate, arguments);
                break;
            case Add add:
                AddEvaluator.Evaluate(add, arguments);
                break;
            case BatchNorm norm:
                BatchNormEvaluator.Evaluate(norm, arguments);
                break;
            case ChangeLayout or Flatten or Reshape:
                // All of them leave the elements and their order in NCHW alone.
                arguments.Input().CopyTo(arguments.Output, 0);
                break;
            case ChannelShuffle shuffle:
                ChannelShuffleEvaluator.Evaluate(shuffle, arguments);
                break;
            case Concat:
                ConcatEvaluator.Evaluate(arguments);
                break;
            case Conv2d convolution:
                Conv2dEvaluator.Evaluate(convolution, arguments);
                break;
            case GlobalAveragePool:
                GlobalAveragePoolEvaluator.Evaluate(arguments);
                break;
            case Linear linear:
                LinearEvaluator.Evaluate(linear, arguments);
                break;
            case Mul product:
                MulEvaluator.Evaluate(product, arguments);
                break;
            case Pad pad:
                PadEvaluator.Evaluate(pad, arguments);
                break;
            case Pool2d pool:
                Pool2dEvaluator.Evaluate(pool, arguments);
                break;
            case Slice slice:
                SliceEvaluator.Evaluate(slice, arguments);
                break;
            case Softmax:
                SoftmaxEvaluator.Evaluate(arguments);
                break;
            default:
                throw new NotSupportedException($"The reference interpreter has no evaluator for '{@operator.Mnemonic}'.");
        }
    }
}
