using Subp.Core.Operators;

namespace Subp.Onnx.Export;

/// <summary>
/// Writes activations that are no clamps: one node where opset 17 has the function, else the nodes that its definition names.
/// </summary>
internal static class ActivationWriter
{
    public static void Write(GraphWriter writer, Activation activation, string input, string output)
    {
        string Part(string operatorType, string name, params string[] inputs)
        {
            var part = writer.UniqueName($"{output}.{name}");
            writer.Node(operatorType, inputs, part);
            return part;
        }

        string Number(string name, double value) => writer.Scalar($"{output}.{name}", (float)value);

        switch (activation.Kind)
        {
            // ONNX has no SiLU before opset 24, no Gelu before 20, no Mish before 18.
            case ActivationKind.Silu:
                writer.Node("Mul", [input, Part("Sigmoid", "sigmoid", input)], output);
                break;
            case ActivationKind.Mish:
                writer.Node("Mul", [input, Part("Tanh", "tanh", Part("Softplus", "softplus", input))], output);
                break;
            case ActivationKind.Gelu:
                var scaled = Part("Div", "scaled", input, Number("root", Math.Sqrt(2)));
                Halved(Part("Erf", "erf", scaled));
                break;
            case ActivationKind.GeluTanh:
                var cube = Part("Mul", "cube", Part("Mul", "square", input, input), input);
                var sum = Part("Add", "sum", input, Part("Mul", "weighted", cube, Number("cubic", 0.044715)));
                Halved(Part("Tanh", "tanh", Part("Mul", "scaled", sum, Number("factor", Math.Sqrt(2 / Math.PI)))));
                break;
            case ActivationKind.Truncate:
                writer.Node("Mul", [Part("Sign", "sign", input), Part("Floor", "floor", Part("Abs", "abs", input))], output);
                break;
            // Masks are floats in the graph and truth values in ONNX.
            case ActivationKind.Not:
                Mask("Equal", input, Number("zero", 0));
                break;
            case ActivationKind.IsNaN:
                Mask("IsNaN", input);
                break;
            case ActivationKind.Selu:
                writer.Node("Selu", [input], output, Attributes.Real("alpha", activation.Alpha), Attributes.Real("gamma", activation.Beta));
                break;
            case ActivationKind.Shrink:
                writer.Node(
                    "Shrink",
                    [input],
                    output,
                    Attributes.Real("lambd", activation.Alpha),
                    Attributes.Real("bias", activation.Beta)
                );
                break;
            case ActivationKind.HardSigmoid:
                writer.Node(
                    "HardSigmoid",
                    [input],
                    output,
                    Attributes.Real("alpha", activation.Alpha),
                    Attributes.Real("beta", activation.Beta)
                );
                break;
            case ActivationKind.Elu or ActivationKind.Celu or ActivationKind.LeakyRelu or ActivationKind.ThresholdedRelu:
                writer.Node(activation.Kind.ToString(), [input], output, Attributes.Real("alpha", activation.Alpha));
                break;
            default:
                // The names of the other kinds are those of ONNX.
                writer.Node(activation.Kind.ToString(), [input], output);
                break;
        }

        void Halved(string function)
        {
            var factor = Part("Mul", "half", input, Number("halving", 0.5));
            writer.Node("Mul", [factor, Part("Add", "increased", function, Number("one", 1))], output);
        }

        void Mask(string operatorType, params string[] inputs) =>
            writer.Node("Cast", [Part(operatorType, "mask", inputs)], output, Attributes.Integer("to", 1));
    }
}
