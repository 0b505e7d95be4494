using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Emission.Runtime;
using Subp.Compiler.Families.Loops;
using Subp.Core.Operators;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.Reductions;

/// <summary>
/// Writes reductions and what is made of them. A pass goes through all elements of a result; what it finds lies in a vector, one result per
/// lane, or the same in all lanes where vectors run along what is combined.
/// </summary>
internal sealed class ReductionWriter(CSharpWriter writer, ReductionPlan plan, InstructionSet set)
{
    private readonly VectorDialect _vectors = VectorDialect.Longest(set);
    private readonly ReductionPasses _passes = new(writer, plan, VectorDialect.Longest(set));

    private string Simd => VectorMathematics.Simd(_vectors);

    /// <summary>Writes the layer method.</summary>
    public void Write()
    {
        string[] parameters =
        [
            "input",
            .. plan.Factors.Scale >= 0 ? (string[])["scale"] : [],
            .. plan.Factors.Shift >= 0 ? (string[])["shift"] : [],
            "output",
        ];
        (string, string)[] pointers =
        [
            ("input", "source"),
            .. plan.Factors.Scale >= 0 ? ((string, string)[])[("scale", "scales")] : [],
            .. plan.Factors.Shift >= 0 ? ((string, string)[])[("shift", "shifts")] : [],
            ("output", "target"),
        ];
        var what = plan.Loops.IsAlong ? "vectors run along what is combined" : "each lane combines for a result of its own";
        using (
            FamilyText.Method(
                writer,
                plan,
                set,
                Invariant($"{plan.Node.Shape}, {KernelText.Count(plan.Loops.Count, "element")} to a result: {what}"),
                parameters
            )
        )
        {
            LoopNestWriter.Write(
                writer,
                plan.Loops.Kept,
                pointers,
                (_, _) => throw new InvalidOperationException("Reductions have no tables."),
                WriteResults,
                ("range.TileFrom", "range.TileTo")
            );
        }

        writer.Line();
    }

    // Along a run, one result at a time; else a vector of results at a time.
    private void WriteResults(string count)
    {
        if (plan.Loops.IsAlong)
            WriteResult("", null);
        else
            RunWriter.Write(writer, _vectors, count, 1, vector => WriteResult(vector.Distance, vector.Count));
    }

    private void WriteResult(string distance, string? count)
    {
        _passes.At(distance, count);
        switch (plan.Node.Operator)
        {
            case Reduce reduce:
                _passes.StoreResult(Reduced(reduce));
                break;
            case ArgExtreme search:
                _passes.WriteSearch(search);
                break;
            case Softmax softmax:
                WriteSoftmax(softmax);
                break;
            case Normalize norm:
                WriteNormalized(norm);
                break;
        }
    }

    private string Reduced(Reduce reduce)
    {
        var sum = $"{Simd}.Sum(sum)";
        switch (reduce.Kind)
        {
            case ReduceKind.Maximum:
                _passes.Combine(
                    "largest",
                    "float.NegativeInfinity",
                    x => $"{Simd}.Max(largest, {x})",
                    $"{VectorFunctions.LargestLane}(largest)"
                );
                return "largest";
            case ReduceKind.Minimum:
                _passes.Combine(
                    "smallest",
                    "float.PositiveInfinity",
                    x => $"{Simd}.Min(smallest, {x})",
                    $"{VectorFunctions.SmallestLane}(smallest)"
                );
                return "smallest";
            case ReduceKind.Product:
                _passes.Combine("product", "1f", x => _vectors.Multiply("product", x), $"{VectorFunctions.ProductOfLanes}(product)");
                return "product";
            case ReduceKind.LogSumExp:
                Largest(x => $"{Simd}.Max(largest, {x})");
                _passes.Combine(
                    "sum",
                    "0f",
                    x => _vectors.Add("sum", x),
                    Everywhere(sum),
                    x => $"ExpOfSums({_vectors.Subtract(x, "largest")})"
                );
                // The difference of two infinities is no number.
                return VectorMathematics.Select(
                    _vectors,
                    $"{Simd}.Equals({Simd}.Abs(largest), {_vectors.Constant("float.PositiveInfinity")})",
                    "largest",
                    $"largest + {Simd}.Log(sum)"
                );
            case ReduceKind.L1:
                _passes.Combine("sum", "0f", x => _vectors.Add("sum", x), Everywhere(sum), x => $"{Simd}.Abs({x})");
                return "sum";
            case ReduceKind.L2 or ReduceKind.SumSquare:
                _passes.Combine("sum", "0f", x => _vectors.Add("sum", x), Everywhere(sum), x => $"{x} * {x}");
                return reduce.Kind == ReduceKind.L2 ? $"{Simd}.Sqrt(sum)" : "sum";
            default:
                _passes.Combine("sum", "0f", x => _vectors.Add("sum", x), Everywhere(sum));
                return reduce.Kind switch
                {
                    ReduceKind.Mean => $"sum / {_vectors.Constant(Number(plan.Loops.Count))}",
                    ReduceKind.LogSum => $"{Simd}.Log(sum)",
                    _ => "sum",
                };
        }
    }

    private void WriteSoftmax(Softmax softmax)
    {
        if (plan.Loops.IsAlong)
        {
            new SoftmaxRowWriter(writer, _vectors, plan.Loops.Count, softmax.IsLogarithm).Write();
            return;
        }

        // A NaN may be passed over: its difference to whatever comes out makes the sum one.
        Largest(x => _vectors.Max(x, "largest"));
        if (softmax.IsLogarithm)
        {
            _passes.Combine(
                "sum",
                "0f",
                x => _vectors.Add("sum", x),
                Everywhere($"{Simd}.Sum(sum)"),
                x => $"ExpOfSums({_vectors.Subtract(x, "largest")})"
            );
            writer.Line($"sum = {Simd}.Log(sum);");
            _passes.Map((x, _) => _vectors.Subtract(_vectors.Subtract(x, "largest"), "sum"));
            return;
        }

        _passes.Combine(
            "sum",
            "0f",
            x => _vectors.Add("sum", x),
            Everywhere($"{Simd}.Sum(sum)"),
            x => $"ExpOfSums({_vectors.Subtract(x, "largest")})",
            stores: true
        );
        writer.Line($"sum = {VectorMathematics.One(_vectors)} / sum;");
        _passes.Map((x, _) => _vectors.Multiply(x, "sum"), fromTarget: true);
    }

    private void WriteNormalized(Normalize norm)
    {
        var count = _vectors.Constant(Number(plan.Loops.Count));
        if (!norm.KeepsMean)
        {
            _passes.Combine("mean", "0f", x => _vectors.Add("mean", x), Everywhere($"{Simd}.Sum(mean)"));
            writer.Line($"mean = mean / {count};");
        }

        string Centred(string x) => norm.KeepsMean ? x : _vectors.Subtract(x, "mean");
        _passes.Combine(
            "factor",
            "0f",
            x => _vectors.Add("factor", x),
            Everywhere($"{Simd}.Sum(factor)"),
            x => $"({Centred(x)}) * ({Centred(x)})"
        );
        var epsilon = _vectors.Constant(CSharpText.Literal(norm.Epsilon));
        writer.Line($"factor = {VectorMathematics.One(_vectors)} / {Simd}.Sqrt(factor / {count} + {epsilon});");
        _passes.Map(
            (x, operand) =>
            {
                var value = $"({Centred(x)}) * factor";
                if (plan.Factors.Scale >= 0)
                    value = _vectors.Multiply(value, operand("scales", plan.Factors.Scale));
                return plan.Factors.Shift >= 0 ? _vectors.Add(value, operand("shifts", plan.Factors.Shift)) : value;
            }
        );
    }

    private void Largest(Func<string, string> combine) =>
        _passes.Combine("largest", "float.NegativeInfinity", combine, $"{VectorFunctions.LargestLane}(largest)");

    private string Everywhere(string scalar) => _vectors.Constant(scalar);

    private static string Number(int count) => Invariant($"{count}f");
}
