using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Families.Elementwise;
using Subp.Compiler.Families.Loops;
using Subp.Core.Operators;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.Recurrences;

/// <summary>Writes what the gates make of the sums of one sequence in one step, some hidden units at a time.</summary>
internal sealed class GateWriter(CSharpWriter writer, RecurrencePlan plan, VectorDialect vectors)
{
    private static readonly Activation s_tanh = Activation.Of(ActivationKind.Tanh);

    /// <summary>Writes the methods: two where there are two products, else one.</summary>
    public void Write()
    {
        switch (plan.Recurrence)
        {
            case { Kind: RecurrenceKind.Lstm }:
                Method(
                    "Gates",
                    "cells and state after the input, output and forget gates",
                    ["input", "sums", "cells", "state", "output"],
                    Lstm
                );
                break;
            case { Kind: RecurrenceKind.Gru, ResetsProduct: true }:
                Method("Gates", "state after the update and reset gates", ["input", "sums", "state", "output"], ResetProduct);
                break;
            case { Kind: RecurrenceKind.Gru }:
                Method(
                    "Reset",
                    "the update gate, in the place of its sums, and the state that is reset",
                    ["input", "sums", "resets", "state"],
                    Reset
                );
                Method("Update", "state after the update gate", ["input", "sums", "candidates", "state", "output"], Update);
                break;
            default:
                Method("Gates", "state", ["input", "sums", "state", "output"], Simple);
                break;
        }
    }

    private void Method(string name, string what, IReadOnlyList<string> pointers, Action<RunVector> body)
    {
        var bias = plan.Recurrence.Bias is null ? "" : "float* bias, ";
        var parameters = string.Join(", ", pointers.Select(pointer => $"float* {pointer}"));
        using (
            KernelText.Method(
                writer,
                $"One sequence of {plan.Node.Name}: {what}.",
                $"private static void {plan.MethodStem}_{name}({bias}{parameters})"
            )
        )
            RunWriter.Write(writer, vectors, Invariant($"{plan.Hidden}"), 1, body);
        writer.Line();
    }

    private void Lstm(RunVector vector)
    {
        Local("inputGate", Sigmoid(Sum(vector, 0)));
        Local("outputGate", Sigmoid(Sum(vector, 1)));
        Local("forgetGate", Sigmoid(Sum(vector, 2)));
        Local("candidate", Tanh(Sum(vector, 3)));
        Local("cell", vectors.MultiplyAdd("forgetGate", vector.Load("cells"), vectors.Multiply("inputGate", "candidate")));
        writer.Line(vector.Store("cells", "cell"));
        StoreState(vector, vectors.Multiply("outputGate", Tanh("cell")));
    }

    private void ResetProduct(RunVector vector)
    {
        Local("update", Sigmoid(Sum(vector, 0)));
        Local("reset", Sigmoid(Sum(vector, 1)));
        var product = vector.Load(At("sums", 2));
        if (plan.Recurrence.Bias is not null)
            product = vectors.Add(product, vector.Load("bias"));
        Local("candidate", Tanh(vectors.MultiplyAdd("reset", product, vector.Load(At("input", 2)))));
        StoreBetween(vector);
    }

    private void Reset(RunVector vector)
    {
        Local("update", Sigmoid(Sum(vector, 0)));
        Local("reset", Sigmoid(Sum(vector, 1)));
        writer.Line(vector.Store("sums", "update"));
        writer.Line(vector.Store("resets", vectors.Multiply("reset", vector.Load("state"))));
    }

    private void Update(RunVector vector)
    {
        Local("update", vector.Load("sums"));
        Local("candidate", Tanh(vectors.Add(vector.Load(At("input", 2)), vector.Load("candidates"))));
        StoreBetween(vector);
    }

    private void Simple(RunVector vector) =>
        StoreState(vector, ElementwiseText.Activated(vectors, plan.Recurrence.IsRelu ? Activation.Relu : s_tanh, Sum(vector, 0)));

    // (1 - update) * candidate + update * state
    private void StoreBetween(RunVector vector)
    {
        Local("kept", vectors.Multiply("update", vector.Load("state")));
        var rest = vectors.Subtract(VectorMathematics.One(vectors), "update");
        StoreState(vector, vectors.MultiplyAdd(rest, "candidate", "kept"));
    }

    private void StoreState(RunVector vector, string value)
    {
        Local("next", value);
        writer.Line(vector.Store("state", "next"));
        writer.Line(vector.Store("output", "next"));
    }

    private void Local(string name, string value) => writer.Line($"{vectors.Type} {name} = {value};");

    private string Sum(RunVector vector, int gate) => vectors.Add(vector.Load(At("input", gate)), vector.Load(At("sums", gate)));

    private string At(string pointer, int gate) => KernelText.Offset(pointer, (long)gate * plan.Hidden);

    private string Sigmoid(string value) => ElementwiseText.Activated(vectors, Activation.Sigmoid, value);

    private string Tanh(string value) => ElementwiseText.Activated(vectors, s_tanh, value);
}
